package io.tallymq.broker.command;

import io.tallymq.broker.message.Route;
import java.util.List;

/**
 * What a batch says once for all its commands.
 *
 * @param node the one that it is from
 * @param routes which {@link Publish} refers to
 * @param origins of its messages
 */
public record InBatch(String node, List<Route> routes, Origins origins) {}

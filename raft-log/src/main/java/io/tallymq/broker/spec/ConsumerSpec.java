package io.tallymq.broker.spec;

import io.tallymq.broker.message.Arguments;

/**
 * What basic.consume asked for.
 *
 * @param prefetch most unacked messages, 0 for no limit (then the channel extends an internal window as it writes)
 * @param window messages: first credit of a consumer without limit or without acks; for one with a limit what may be
 *     assigned beyond it, which the channel holds back until the client settles some
 */
public record ConsumerSpec(
        String tag, boolean noAck, boolean exclusive, int prefetch, int window, Arguments arguments) {}

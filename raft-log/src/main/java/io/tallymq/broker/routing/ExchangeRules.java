package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.settings.ArgumentText;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.ScheduleName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What may be declared: names, types and arguments of exchanges. The order of the checks is RabbitMQ's. */
public final class ExchangeRules {
    /** Where messages go that call a scheduled one off. */
    static final String SCHEDULE = ScheduleName.EXCHANGE;

    static final String DEFAULT_EXCHANGE = "";
    static final ExchangeSpec DEFAULT_SPEC = durable(ExchangeType.DIRECT);
    /** Names that begin like this belong to the broker. */
    static final String RESERVED_PREFIX = "amq.";
    /** What every vhost has from the start, and keeps (3.1.3). */
    public static final Map<String, ExchangeSpec> PREDECLARED = new TreeMap<>(Map.of(
            "amq.direct", durable(ExchangeType.DIRECT),
            "amq.fanout", durable(ExchangeType.FANOUT),
            "amq.headers", durable(ExchangeType.HEADERS),
            "amq.match", durable(ExchangeType.HEADERS),
            "amq.topic", durable(ExchangeType.TOPIC)));

    /** The level of the state from which on a redeclare may say other things in {@link #KEPT}. */
    private static final int LEVEL = 5;

    /** What RabbitMQ's plugins do not look at in a redeclare: what it was made with stays, and programs with several opinions of it run there. */
    private static final List<String> KEPT = List.of(
            ExchangeType.DELAYED_TYPE, ArgumentTable.CACHE_SIZE, ArgumentTable.CACHE_TTL, ArgumentTable.HISTORY_LENGTH);

    /** What acts. Below that level all of it is compared. */
    private static final List<String> ACTING = List.of(
            ExchangeType.DELAYED_TYPE,
            ArgumentTable.ALTERNATE_EXCHANGE,
            ArgumentTable.X_ALTERNATE_EXCHANGE,
            ArgumentTable.DEDUPLICATION,
            ArgumentTable.DEDUPLICATION_HEADER,
            ArgumentTable.CACHE_SIZE,
            ArgumentTable.CACHE_TTL,
            ArgumentTable.HISTORY_LENGTH,
            ArgumentTable.MIN_QUEUES,
            ArgumentTable.DEAD_LETTER_EXCHANGE,
            ArgumentTable.DEAD_LETTER_ROUTING_KEY);

    /** RabbitMQ's own, and what it does not know: who is promised something else by these is told. */
    private static final List<String> COMPARED =
            ACTING.stream().filter(name -> !KEPT.contains(name)).toList();

    private ExchangeRules() {}

    public static boolean isPredeclared(String name) {
        return PREDECLARED.containsKey(name);
    }

    private static ExchangeSpec durable(ExchangeType type) {
        return new ExchangeSpec(type.amqpName(), true, false, false, Arguments.NONE);
    }

    /** An exchange as error texts name it. */
    public static String resource(String vhost, String name) {
        return "exchange '" + name + "' in vhost '" + vhost + "'";
    }

    /** Why a client may not publish to it. */
    public static Reply.Rejected isInternal(String vhost, String name) {
        return Reply.accessRefused("cannot publish to internal " + resource(vhost, name));
    }

    static Reply.Rejected notFound(String vhost, String name) {
        return Reply.notFound("no " + resource(vhost, name));
    }

    static Reply.Rejected onDefaultExchange() {
        return Reply.accessRefused("operation not permitted on the default exchange");
    }

    /** Why a new exchange can not have this name and these arguments, or null. The type has been checked. */
    static Reply.Rejected creationRefusal(String vhost, String name, ExchangeSpec spec) {
        if (name.startsWith(RESERVED_PREFIX)) {
            return Reply.accessRefused("exchange name '" + name + "' contains reserved prefix 'amq.*'");
        }
        return argumentRefusal(vhost, name, spec);
    }

    /** Why no exchange can have these arguments, or null. The type has been checked. */
    static Reply.Rejected argumentRefusal(String vhost, String name, ExchangeSpec spec) {
        String resource = resource(vhost, name);
        Reply.Rejected r = ArgumentTable.check(ArgumentRow.Owner.EXCHANGE, spec.arguments(), resource);
        return r != null ? r : ExchangeType.of(spec.type()).refusalOf(spec.arguments(), resource);
    }

    /** Why a redeclare is not the same as the exchange that is there, or null. Of the arguments those count of which somebody relies on the new value. */
    static Reply.Rejected inequivalence(Exchange current, ExchangeSpec received, int level) {
        String resource = resource(current.vhost(), current.name());
        ExchangeSpec spec = current.spec();
        Reply.Rejected r = ArgumentText.inequivalentField("type", resource, spec.type(), received.type());
        if (r == null) {
            r = ArgumentText.inequivalentField("durable", resource, spec.durable(), received.durable());
        }
        if (r == null) {
            r = ArgumentText.inequivalentField("auto_delete", resource, spec.autoDelete(), received.autoDelete());
        }
        if (r == null) {
            r = ArgumentText.inequivalentField("internal", resource, spec.internal(), received.internal());
        }
        for (String name : level < LEVEL ? ACTING : COMPARED) {
            r = r != null ? r : ArgumentText.inequivalent(name, resource, spec.arguments(), received.arguments());
        }
        return r;
    }
}

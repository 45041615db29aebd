package io.tallymq.broker.settings;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow.Owner;

/**
 * What an exchange goes by beside its bindings.
 *
 * @param minQueues fewer queues than that, and a publish is refused; 0 for none
 * @param deadLetterExchange gets messages that were kept for later and reach no queue when their time has come; null for none
 * @param deadLetterRoutingKey their routing key then; null: they keep theirs
 * @param ids what it remembers of what was published to it; null for nothing
 */
public record ExchangeSettings(int minQueues, String deadLetterExchange, String deadLetterRoutingKey, IdSettings ids) {
    /** Most queues that can be asked for. */
    public static final int MOST_QUEUES = 1_000_000;

    /** As an exchange that says nothing. */
    public static final ExchangeSettings DEFAULTS = new ExchangeSettings(0, null, null, null);

    /**
     * Of an exchange.
     *
     * @param definition of the policies that it goes by
     */
    public static ExchangeSettings of(Arguments declared, Arguments definition) {
        Arguments all = PolicyTable.effective(Owner.EXCHANGE, declared, definition);
        ExchangeSettings s = new ExchangeSettings(
                all.get(ArgumentTable.MIN_QUEUES) instanceof Long n ? (int) Math.min(n, MOST_QUEUES) : 0,
                all.get(ArgumentTable.DEAD_LETTER_EXCHANGE) instanceof String x ? x : null,
                all.get(ArgumentTable.DEAD_LETTER_ROUTING_KEY) instanceof String key ? key : null,
                IdSettings.of(definition));
        return s.equals(DEFAULTS) ? DEFAULTS : s;
    }
}

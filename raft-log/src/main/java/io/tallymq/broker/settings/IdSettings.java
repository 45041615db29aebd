package io.tallymq.broker.settings;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.ArgumentRow.Values;
import io.tallymq.broker.settings.PolicyRow.Rule;
import java.util.List;

/**
 * By what an exchange tells whether a message was published to it before, and for how long it remembers. Policies alone say so: what a client
 * declares an exchange with does not.
 *
 * @param header that has the message's id; null: the property message-id
 * @param window milliseconds for which an id is remembered
 * @param most ids that are remembered; the oldest go
 */
public record IdSettings(String header, long window, long most) {
    /** Most ids that one exchange remembers, and all together. */
    public static final int MOST = 10_000_000;

    static final String ID = "dedup-id";
    static final String WINDOW = "dedup-window";
    static final String MAX = "dedup-max";

    private static final String MESSAGE_ID = "message-id";
    private static final long MINUTE = 60_000;
    private static final long DEFAULT_WINDOW = 10 * MINUTE;
    private static final long MOST_WINDOW = 7 * 24 * 60 * MINUTE;
    private static final long DEFAULT_MAX = 1_000_000;

    private static final List<Owner> EXCHANGES = List.of(Owner.EXCHANGE);

    /** Keys of policies. */
    static final List<PolicyRow> ROWS = List.of(
            row(
                    ID,
                    Values.words(MESSAGE_ID, ArgumentTable.HEADER + "*"),
                    null,
                    "what was published to the exchange before, by this id, is confirmed and goes nowhere"),
            row(
                    WINDOW,
                    Values.integer(1, MOST_WINDOW),
                    Rule.LEAST,
                    "milliseconds for which an id is remembered, 10 minutes without it"),
            row(
                    MAX,
                    Values.integer(1, MOST),
                    Rule.LEAST,
                    "most ids that are remembered, 1,000,000 without it; the oldest go"));

    private static PolicyRow row(String key, Values values, Rule withOperator, String meaning) {
        return new PolicyRow(
                key, EXCHANGES, new ArgumentRow(key, EXCHANGES, values, meaning, null, null), withOperator);
    }

    /** Null if this definition of the policies does not ask for it. */
    static IdSettings of(Arguments definition) {
        if (!(definition.get(ID) instanceof String by)) {
            return null;
        }
        return new IdSettings(
                by.equals(MESSAGE_ID) ? null : by.substring(ArgumentTable.HEADER.length()),
                definition.get(WINDOW) instanceof Long n ? n : DEFAULT_WINDOW,
                definition.get(MAX) instanceof Long n ? n : DEFAULT_MAX);
    }

    /** The same ids count. */
    public boolean isBySame(IdSettings other) {
        return header == null ? other.header == null : header.equals(other.header);
    }

    /** What has the ids, for people. */
    public String title() {
        return header == null ? "property '" + MESSAGE_ID + "'" : "header '" + header + "'";
    }
}

package io.tallymq.broker.processing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ConsumerSpec;

/** Who may consume with a filter (x-filter), and what a filter may be. */
final class FilteredConsuming {
    private FilteredConsuming() {}

    /** Why a queue can't be consumed so; null when it can, or when there is no filter. */
    static Reply.Rejected refusal(Queue q, ConsumerSpec spec) {
        if (!spec.arguments().values().containsKey(ArgumentTable.FILTER)) {
            return null;
        }
        if (q.isStream()) {
            return invalid(q, "streams have " + ArgumentTable.STREAM_FILTER + " in its place");
        }
        String fault = MessageFilter.fault(spec.arguments().get(ArgumentTable.FILTER));
        return fault != null ? invalid(q, fault) : unfit(q, spec);
    }

    /** 540 for what would not mean what it says: a consumer with a filter is given nothing in turn, it takes what others leave. */
    private static Reply.Rejected unfit(Queue q, ConsumerSpec spec) {
        if (q.settings().singleActiveConsumer()) {
            return missing(q, "it has a single active consumer, which gets all its messages");
        }
        if (q.sortsByHeader()) {
            return missing(q, "its message groups or tenants have turns, which a filter would pass over");
        }
        return spec.arguments().get(ArgumentTable.CONSUMER_PRIORITY) instanceof Long p && p != 0
                ? missing(
                        q,
                        ArgumentTable.CONSUMER_PRIORITY
                                + " has no meaning beside it, as consumers with a filter take what others leave: consume without it")
                : null;
    }

    private static Reply.Rejected missing(Queue q, String why) {
        return Reply.notImplemented(
                "argument '" + ArgumentTable.FILTER + "' not supported by " + QueueArguments.resource(q) + ": " + why);
    }

    private static Reply.Rejected invalid(Queue q, String why) {
        return Reply.precondition(
                Reply.Reason.INVALID_ARGUMENT,
                "invalid arg '" + ArgumentTable.FILTER + "' for a consumer of " + QueueArguments.resource(q) + ": "
                        + why);
    }
}

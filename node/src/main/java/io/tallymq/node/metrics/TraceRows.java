package io.tallymq.node.metrics;

import io.tallymq.admin.request.ConfirmTrace;
import io.tallymq.admin.request.ConfirmTrace.Flush;
import io.tallymq.admin.request.ConfirmTrace.Lead;
import io.tallymq.admin.request.ConfirmTrace.Names;
import io.tallymq.admin.request.ConfirmTrace.Publish;
import io.tallymq.admin.request.ConfirmTrace.Times;
import io.tallymq.raft.trace.TraceBook.Trace;
import io.tallymq.raft.trace.TraceShare;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Traced messages for the HTTP API: what each node told of one, together. */
public final class TraceRows {
    private static final int THOUSAND = 1_000;

    private final UnaryOperator<String> names;
    private final Collection<String> nodes;

    /**
     * Rows of one answer.
     *
     * @param names what people call the node with an id
     * @param nodes the names of all
     */
    public TraceRows(UnaryOperator<String> names, Collection<String> nodes) {
        this.names = names;
        this.nodes = nodes;
    }

    public ConfirmTrace row(Trace trace) {
        Publish publish = null;
        Lead lead = null;
        Map<String, Long> learnt = Map.of();
        List<String> missing = new ArrayList<>(nodes);
        for (Map.Entry<String, TraceShare> of : trace.shares().entrySet()) {
            String node = names.apply(of.getKey());
            TraceShare share = of.getValue();
            missing.remove(node);
            if (share.publish() != null) {
                publish = publish(node, share.publish());
            }
            if (share.lead() != null) {
                lead = new Lead(
                        node, micros(share.lead().queue()), micros(share.lead().replicate()));
                learnt = share.lead().learnt();
            }
        }
        List<Flush> flushes = new ArrayList<>();
        for (Map.Entry<String, TraceShare> of : trace.shares().entrySet()) {
            TraceShare share = of.getValue();
            long after = share.lead() != null
                    ? share.lead().flushedAfter()
                    : learnt.getOrDefault(of.getKey(), TraceShare.UNKNOWN);
            flushes.add(flush(names.apply(of.getKey()), share.flushed(), after));
        }
        long term = trace.shares().values().iterator().next().term();
        return new ConfirmTrace(trace.id().toString(), term, trace.id().index(), publish, lead, flushes, missing);
    }

    private static Flush flush(String node, TraceShare.Flushed flushed, long after) {
        return flushed == null
                ? new Flush(node, null, TraceShare.UNKNOWN, micros(after))
                : new Flush(node, instant(flushed.at()), micros(flushed.took()), micros(after));
    }

    private static Publish publish(String node, TraceShare.Publish p) {
        TraceShare.Names n = p.names();
        return new Publish(
                node,
                new Names(n.vhost(), n.exchange(), n.routingKey(), n.messageId(), n.correlationId(), n.user()),
                instant(p.at()),
                p.queues(),
                p.moreQueues(),
                p.outcome(),
                new Times(micros(p.gather()), micros(p.journey()), micros(p.apply()), micros(p.write()), p.held()));
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static long micros(long nanos) {
        return nanos < 0 ? TraceShare.UNKNOWN : nanos / THOUSAND;
    }
}

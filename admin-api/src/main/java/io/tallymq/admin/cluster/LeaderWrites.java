package io.tallymq.admin.cluster;

import io.tallymq.admin.request.ActionNotes;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.broker.Broker;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.command.NoteAction;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PUT /api/cluster/leader: another node is to lead, before this one's machine goes down, say. Clients notice nothing but a pause; the old leader stays
 * what it was when the new one is too far behind. Any thread.
 */
public final class LeaderWrites {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderWrites.class);
    private static final long PAUSE_MILLIS = 20;

    private final Broker broker;
    private final long mostLooks;
    private final Timers timers;
    private final ScheduledExecutorService timer;

    /** @param timeout after which it is answered that nothing came of it */
    public LeaderWrites(Broker broker, Duration timeout, Timers timers, ScheduledExecutorService timer) {
        this.broker = broker;
        this.mostLooks = timeout.toMillis() / PAUSE_MILLIS;
        this.timers = timers;
        this.timer = timer;
    }

    /** 204 when it leads and this node follows it, 404 for a node that is none, 503 when it does not come to it in time. */
    CompletionStage<Answer> put(ApiRequest request) {
        String node = RequestFields.of(request).text("node");
        ClusterStatus status = broker.status();
        if (status.members().stream().noneMatch(member -> member.name().equals(node))) {
            throw RefusedException.of(404, "Object Not Found", "the cluster has no node '" + node + "'");
        }
        if (node.equals(status.leader())) {
            return CompletableFuture.completedFuture(Answer.empty(204));
        }
        LOG.info(
                "User '{}' asks that node '{}' lead instead of '{}'",
                request.user().name(),
                node,
                status.leader());
        note(request, node, status.leader());
        if (!broker.lead(node)) {
            return CompletableFuture.completedFuture(
                    failed("nobody was asked: no leader is known, or it is not reached, or node '" + node
                            + "' is not reached, too far behind, or waits for its disk. /api/cluster shows its lag, its"
                            + " log and metrics its disk"));
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        look(node, 1, answer);
        return answer;
    }

    /** Nobody waits for it: the leader may be asked to go because it takes so long to write. */
    private void note(ApiRequest request, String node, String leader) {
        String insteadOf = leader == null ? "" : " in place of node '" + leader + "'";
        ActionNotes.noteMeanwhile(
                broker, request, new NoteAction("leader.set", "node '" + node + "'", insteadOf, false));
    }

    private void look(String node, int looks, CompletableFuture<Answer> answer) {
        ClusterStatus status = broker.status();
        if (node.equals(status.leader()) && status.serving()) {
            answer.complete(Answer.empty(204));
        } else if (looks >= mostLooks) {
            answer.complete(failed("node '" + node + "' did not become the leader: it is not reached, too far behind"
                    + " to be waited for, or waits for its disk. /api/cluster shows its lag"));
        } else {
            var unused = timers.after(
                    timer,
                    PAUSE_MILLIS,
                    TimeUnit.MILLISECONDS,
                    "looking who leads",
                    () -> look(node, looks + 1, answer));
        }
    }

    private static Answer failed(String reason) {
        return Answer.error(503, "unavailable", reason);
    }
}

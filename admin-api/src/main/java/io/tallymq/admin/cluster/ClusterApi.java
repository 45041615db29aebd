package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.ClusterStatus.Member;
import io.tallymq.broker.CopiesAwaited;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.BrokerView.DigestAt;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** /api/cluster: what this node knows of all nodes, at once and also without a majority; /api/cluster/digest. */
public final class ClusterApi {
    private final AdminContext context;
    private final ProbePath digests;
    private final DigestWait later;
    private final Executor readers;
    private final LeaderWrites leader;

    /**
     * Made once per server.
     *
     * @param digests probes that ask for the state's digest
     * @param later digests that came with no probe
     * @param readers may wait for the broker's state
     */
    public ClusterApi(
            AdminContext context, ProbePath digests, DigestWait later, Executor readers, LeaderWrites leader) {
        this.leader = leader;
        this.later = later;
        this.context = context;
        this.digests = digests;
        this.readers = readers;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/cluster", Lane.LOCAL, this::cluster),
                HttpRoute.forWrites("/api/cluster/leader", Lane.LOCAL).with("PUT", Access.ADMINISTRATOR, leader::put),
                HttpRoute.async("/api/cluster/digest", Lane.STATE, this::digest));
    }

    private Answer cluster(ApiRequest request) {
        ClusterStatus status = context.broker().status();
        ObjectNode node = Json.object()
                .put("cluster", status.cluster())
                .put("node", status.node())
                .put("leader", status.leader())
                .put("term", status.term())
                .put("serving", status.serving())
                .put("level", status.level());
        var members = node.putArray("members");
        status.members().forEach(member -> members.add(row(member)));
        CopiesAwaited awaited = context.broker().copiesAwaited();
        ObjectNode waiting = node.putObject("confirms_awaiting_all")
                .put("count", awaited.count())
                .put("for_ms", awaited.millis());
        awaited.lacking().forEach(waiting.putArray("lacking")::add);
        return Answer.ok(Columns.of(request.target()).of(node));
    }

    private ObjectNode row(Member member) {
        ObjectNode row = Json.object()
                .put("id", member.id())
                .put("name", member.name())
                .put("host", member.host())
                .put("role", member.role())
                .put("reachable", member.reachable());
        Json.putKnown(row, "term", member.term());
        Json.putKnown(row, "commit_index", member.commitIndex());
        Json.putKnown(row, "applied_index", member.appliedIndex());
        if (member.term() >= 0) {
            row.put("durable_index", member.durableIndex()); // -1: nothing yet, the log has all
        }
        Json.putKnown(row, "lag", member.lag());
        Json.putKnown(row, "complete_at", context.broker().completeAt(member.name()));
        if (member.rank() != null) {
            row.put("rank", member.rank());
        }
        if (member.levels() != null) {
            row.putObject("levels")
                    .put("min", member.levels().min())
                    .put("max", member.levels().max());
        }
        return row;
    }

    /**
     * Without {@code index}: writes a log entry at which every replica computes its state's digest, a large one with entries that follow, and answers with this
     * replica's and the ones it computed for earlier entries. With {@code index}: what this replica computed there, without
     * writing anything. Two nodes whose digests of one index differ have diverged.
     */
    private CompletionStage<Answer> digest(ApiRequest request) {
        Optional<String> index = request.target().parameter("index");
        if (index.isPresent()) {
            return CompletableFuture.completedFuture(digestAt(index.get()));
        }
        return digests.ask()
                .thenComposeAsync(
                        outcome -> outcome.passed()
                                ? computed(outcome)
                                : CompletableFuture.completedFuture(failed(outcome.reason())),
                        readers);
    }

    private Answer digestAt(String index) {
        return later.now(index)
                .map(d -> Answer.ok(own(d.index(), d.digest())))
                .orElseThrow(
                        () -> RefusedException.of(
                                404,
                                "Object Not Found",
                                "this replica remembers no digest of that index: it has not computed it yet, it was started after"
                                        + " it, or there were many since. /api/cluster/digest computes a new one on all replicas"));
    }

    private static Answer failed(String reason) {
        return Answer.json(503, HealthApi.failed(reason));
    }

    private CompletionStage<Answer> computed(ProbePath.Outcome outcome) {
        if (outcome.digest() != 0) {
            return CompletableFuture.completedFuture(computed(outcome.index(), outcome.digest()));
        }
        return later.of(outcome.index())
                .thenApplyAsync(
                        found -> found.map(d -> computed(d.index(), d.digest()))
                                .orElseGet(() -> failed("the digest was not computed in time: the state is large, and"
                                        + " entries of the log compute it, some of it each; ask for it with index="
                                        + outcome.index())),
                        readers);
    }

    private Answer computed(long index, long digest) {
        ObjectNode node = own(index, digest).put("status", "ok");
        var recent = node.putArray("recent");
        for (DigestAt d : context.broker().read(BrokerView::recentDigests)) {
            recent.addObject().put("index", d.index()).put("digest", hex(d.digest()));
        }
        return Answer.ok(node);
    }

    private ObjectNode own(long index, long digest) {
        return Json.object()
                .put("node", context.broker().node())
                .put("index", index)
                .put("digest", hex(digest));
    }

    /** 64 bits do not fit the numbers of every JSON reader. */
    private static String hex(long digest) {
        return HexFormat.of().toHexDigits(digest);
    }
}

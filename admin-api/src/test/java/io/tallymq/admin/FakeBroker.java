package io.tallymq.admin;

import io.tallymq.broker.Broker;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.Session;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.format.Versions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/** A broker whose state is whatever the test says. */
public final class FakeBroker implements Broker {
    /** What was submitted and not yet answered. */
    public record Submitted(Command command, CompletableFuture<Reply> reply) {}

    public volatile BrokerView view = FakeView.SMALL;
    volatile ClusterStatus status = healthy();
    /** Answers a submit, or null to leave it open. */
    public volatile Function<Command, Reply> onSubmit = command -> new Reply.Probed(42, 0xABCDL);

    /** Told in place of the view's, for who asks without a look at it. */
    volatile int level = FakeView.SMALL.level();

    /** Runs within every read. */
    public volatile Runnable onRead = () -> {};

    /** What is looked at. */
    public volatile BiFunction<Browse.Where, Browse.Visitor, Browse.Done> onBrowse =
            (where, visitor) -> new Browse.Done(Browse.END, 0, 0);

    /** Whether somebody can be asked to make another node the leader. */
    volatile Predicate<String> onLead = node -> false;

    public final List<Submitted> submitted = new CopyOnWriteArrayList<>();

    private static final Versions LEVELS = new Versions(1, 2);

    static ClusterStatus healthy() {
        return new ClusterStatus(
                "tally",
                "n1",
                "n2",
                7,
                true,
                1,
                List.of(
                        new ClusterStatus.Member(
                                "n1", "n1", "127.0.0.1:7001", "FOLLOWER", true, 7, 100, 99, 90, 1, "SLOW", LEVELS),
                        new ClusterStatus.Member(
                                "n2", "n2", "127.0.0.1:7002", "LEADER", true, 7, 100, 100, 95, 0, "FIT", LEVELS),
                        new ClusterStatus.Member(
                                "n3", "n3", "127.0.0.1:7003", "UNKNOWN", false, -1, -1, -1, -1, -1, null, null)));
    }

    static ClusterStatus alone() {
        return new ClusterStatus(
                "tally",
                "n1",
                null,
                8,
                false,
                1,
                List.of(
                        new ClusterStatus.Member(
                                "n1", "n1", "127.0.0.1:7001", "CANDIDATE", true, 8, 100, 99, -1, 1, "FIT", LEVELS),
                        new ClusterStatus.Member(
                                "n2", "n2", "127.0.0.1:7002", "UNKNOWN", false, -1, -1, -1, -1, -1, null, null),
                        new ClusterStatus.Member(
                                "n3", "n3", "127.0.0.1:7003", "UNKNOWN", false, -1, -1, -1, -1, -1, null, null)));
    }

    @Override
    public Session connect(String vhost, SessionListener listener, Executor loop) {
        throw new UnsupportedOperationException("the admin API has no sessions");
    }

    @Override
    public boolean lead(String node) {
        return onLead.test(node);
    }

    @Override
    public int level() {
        return level;
    }

    @Override
    public CompletableFuture<Reply> submit(Command command) {
        var reply = new CompletableFuture<Reply>();
        submitted.add(new Submitted(command, reply));
        Reply now = onSubmit.apply(command);
        if (now != null) {
            reply.complete(now);
        }
        return reply;
    }

    @Override
    public CompletableFuture<List<Chunk>> chunks(long queue, long offset, int most) {
        throw new UnsupportedOperationException("the admin API reads no streams");
    }

    @Override
    public CompletableFuture<FilterScan.Found> matching(long queue, MessageFilter filter, long[] where) {
        throw new UnsupportedOperationException("the admin API has no consumers");
    }

    @Override
    public CompletableFuture<Long> offsetAt(long queue, long time) {
        throw new UnsupportedOperationException("the admin API reads no streams");
    }

    @Override
    public <T> T read(Function<BrokerView, T> look) {
        onRead.run();
        return look.apply(view);
    }

    @Override
    public CompletableFuture<ChunkBody> load(Chunk chunk) {
        throw new UnsupportedOperationException("the admin API loads no messages");
    }

    @Override
    public CompletableFuture<Browse.Done> browse(Browse.Where where, Browse.Visitor visitor) {
        return CompletableFuture.completedFuture(onBrowse.apply(where, visitor));
    }

    @Override
    public CompletableFuture<byte[]> loadShared(long id, int part) {
        throw new UnsupportedOperationException("the admin API loads no messages");
    }

    @Override
    public ClusterStatus status() {
        return status;
    }

    @Override
    public String node() {
        return status.node();
    }
}

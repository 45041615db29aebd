package io.tallymq.admin;

import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.Foreseen;
import io.tallymq.broker.view.IdsView;
import io.tallymq.broker.view.LaneEnds;
import io.tallymq.broker.view.QueueHead;
import io.tallymq.broker.view.ReceiptsView;
import io.tallymq.broker.view.Standing;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** A state made by hand. */
public record FakeView(
        List<QueueInfo> queues,
        List<ExchangeView> exchanges,
        List<BindingView> bindings,
        List<ConnectionView> connections,
        List<ConsumerView> consumers,
        Counters totals)
        implements BrokerView {
    static final ConnectionId ONE = new ConnectionId("n1", 1);
    static final ConnectionId FAR = new ConnectionId("n3", 1);
    static final String ONE_NAME = "127.0.0.1:5000 -> 127.0.0.1:5672";
    static final ExchangeSpec DIRECT = new ExchangeSpec("direct", true, false, false, Arguments.NONE);
    public static final FakeView SMALL = small();

    private static FakeView small() {
        var orders = new QueueInfo(
                "/",
                "orders",
                new QueueSpec(true, false, false, new Arguments(Map.of("x-queue-type", "quorum", "x-max-length", 10L))),
                null,
                null,
                5,
                2,
                500,
                200,
                1,
                new Counters(20, 15, 1, 13, 0, 0),
                new PolicyInEffect("lengths", "ceiling", new Arguments(Map.of("max-length", 10L))));
        var own = new QueueInfo(
                "/",
                "amq.gen-1",
                new QueueSpec(false, true, true, Arguments.NONE),
                ONE,
                connection(ONE, 5000).info(),
                0,
                0,
                0,
                0,
                0,
                new Counters(0, 0, 0, 0, 0, 0),
                null);
        return new FakeView(
                List.of(own, orders),
                List.of(
                        new ExchangeView("/", "", new ExchangeSpec("direct", true, false, false, Arguments.NONE), null),
                        new ExchangeView(
                                "/",
                                "amq.topic",
                                new ExchangeSpec("topic", true, false, false, Arguments.NONE),
                                new PolicyInEffect("ae", null, new Arguments(Map.of("alternate-exchange", "x"))))),
                List.of(
                        new BindingView("/", new BindingKey("", "orders", "orders", Arguments.NONE), true),
                        new BindingView("/", new BindingKey("amq.topic", "orders", "a b.#", Arguments.NONE), true)),
                List.of(connection(ONE, 5000), connection(FAR, 5003)),
                List.of(
                        new ConsumerView(
                                ONE,
                                connection(ONE, 5000).info(),
                                1,
                                "/",
                                "orders",
                                new ConsumerSpec("c1", false, true, 10, 10, Arguments.NONE),
                                2,
                                17,
                                true,
                                false,
                                1_800_000),
                        new ConsumerView(
                                FAR,
                                connection(FAR, 5003).info(),
                                4,
                                "/",
                                "orders",
                                new ConsumerSpec("c2", true, false, 0, 10, Arguments.NONE),
                                0,
                                -1,
                                false,
                                true,
                                0)),
                new Counters(120, 115, 1, 113, 3, 0));
    }

    private static ConnectionView connection(ConnectionId id, int port) {
        return new ConnectionView(
                id,
                new ConnectionInfo(
                        "127.0.0.1:" + port + " -> 127.0.0.1:5672",
                        "/",
                        "guest",
                        new ConnectionInfo.Endpoint("127.0.0.1", port),
                        new ConnectionInfo.Endpoint("127.0.0.1", 5672),
                        new ConnectionInfo.Negotiated(2047, 131072, 60, "PLAIN", 1_700_000_000_000L),
                        new Arguments(Map.of("connection_name", "billing", "product", "test"))),
                List.of(new ChannelView(id.equals(ONE) ? 1 : 4, 1)));
    }

    /** A state with queues {@code q000}, {@code q001}, ... that hold as many messages as their number says. */
    public static FakeView many(int queues) {
        List<QueueInfo> list = new ArrayList<>();
        for (int i = 0; i < queues; i++) {
            list.add(queue("q%03d".formatted(i), i, i));
        }
        return withQueues(list);
    }

    public static FakeView withQueues(List<QueueInfo> queues) {
        return new FakeView(queues, List.of(), List.of(), List.of(), List.of(), new Counters(0, 0, 0, 0, 0, 0));
    }

    public static QueueInfo queue(String name, long ready, long published) {
        return new QueueInfo(
                "/",
                name,
                new QueueSpec(true, false, false, Arguments.NONE),
                null,
                null,
                ready,
                0,
                0,
                0,
                0,
                new Counters(published, 0, 0, 0, 0, 0),
                null);
    }

    @Override
    public long appliedIndex() {
        return 99;
    }

    @Override
    public int level() {
        return 1;
    }

    @Override
    public long clock() {
        return 1_700_000_000_000L;
    }

    @Override
    public AccessView access() {
        AccessState access = new AccessState(new MemoryStore(), () -> 0);
        access.restore();
        return access;
    }

    @Override
    public Collection<String> vhosts() {
        return List.of("/");
    }

    /** A place in one of the lists. */
    private record At(int index) implements Place {}

    private static <T> Step<T> step(List<T> all, Place from, int most) {
        if (most > StateRows.STEP) {
            throw new AssertionError(most + " rows at once");
        }
        int begin = from == null ? 0 : ((At) from).index;
        int end = Math.min(all.size(), begin + most);
        return new Step<>(all.subList(begin, end), end == all.size() ? null : new At(end));
    }

    @Override
    public long[] ready(long queue, long from, long to, int most) {
        return new long[0];
    }

    @Override
    public boolean hasOverlays(long queue) {
        return false;
    }

    @Override
    public boolean isHolder(long number) {
        return false;
    }

    @Override
    public SortedMap<Long, Optional<HeaderOverlay>> overlays(long queue, long from, long to) {
        return Collections.emptySortedMap();
    }

    @Override
    public Chunk chunkNear(long queue, long seq) {
        return null;
    }

    @Override
    public Standing standing(long queue, long at, boolean back) {
        return null;
    }

    @Override
    public Foreseen foresee(Route route, byte[] record) {
        return null;
    }

    @Override
    public Reports reports() {
        return new Reports(0, 0, 0);
    }

    @Override
    public ReceiptsView receipts() {
        return new BrokerMachine(new MemoryStore()).receipts();
    }

    @Override
    public IdsView ids() {
        return new BrokerMachine(new MemoryStore()).ids();
    }

    @Override
    public QueueHead head(String vhost, String name) {
        return null;
    }

    @Override
    public LaneEnds ends(long queue) {
        return new LaneEnds(1_000_000);
    }

    @Override
    public long queueNumber(String vhost, String name) {
        return 0;
    }

    @Override
    public Optional<QueueInfo> queue(String vhost, String name) {
        return queues.stream()
                .filter(q -> q.vhost().equals(vhost) && q.name().equals(name))
                .findFirst();
    }

    @Override
    public Step<QueueInfo> queues(Place from, int most) {
        return step(queues, from, most);
    }

    @Override
    public Optional<ExchangeView> exchange(String vhost, String name) {
        return exchanges.stream()
                .filter(x -> x.vhost().equals(vhost) && x.name().equals(name))
                .findFirst();
    }

    @Override
    public Step<ExchangeView> exchanges(Place from, int most) {
        return step(exchanges, from, most);
    }

    @Override
    public boolean isBound(String vhost, BindingKey binding, boolean toQueue) {
        return bindings.stream()
                .anyMatch(b -> b.vhost().equals(vhost) && b.binding().equals(binding) && b.toQueue() == toQueue);
    }

    @Override
    public Step<BindingView> bindings(Place from, int most) {
        return step(bindings, from, most);
    }

    @Override
    public Step<ConnectionView> connections(Place from, int most) {
        return step(connections, from, most);
    }

    @Override
    public Step<ConsumerView> consumers(Place from, int most) {
        return step(consumers, from, most);
    }

    @Override
    public List<PolicyView> policies(boolean operator) {
        Arguments ten = new Arguments(Map.of("max-length", 10L));
        return operator
                ? List.of(new PolicyView("/", "ceiling", new PolicySpec("", "queues", 0, ten)))
                : List.of(
                        new PolicyView(
                                "/",
                                "ae",
                                new PolicySpec(
                                        "^amq", "exchanges", 1, new Arguments(Map.of("alternate-exchange", "x")))),
                        new PolicyView("/", "lengths", new PolicySpec("^orders", "all", 5, ten)));
    }

    /** As the machine counts: without the default exchange. */
    @Override
    public Step<ScheduledView> scheduled(Place from, int most) {
        return new Step<>(List.of(), null);
    }

    @Override
    public Optional<ScheduledView> scheduled(String vhost, String key) {
        return Optional.empty();
    }

    @Override
    public Sizes sizes() {
        return new Sizes(queues.size(), exchanges.size() - 1, bindings.size(), consumers.size(), connections.size(), 0);
    }

    @Override
    public long used(StateLimit limit) {
        return limit == StateLimit.QUEUES ? queues.size() : 0;
    }

    @Override
    public Publishes publishes() {
        return new Publishes(totals.published(), 2, totals.droppedUnroutable());
    }

    @Override
    public long digest() {
        return 1;
    }

    @Override
    public List<DigestAt> recentDigests() {
        return List.of(new DigestAt(41, -1));
    }
}

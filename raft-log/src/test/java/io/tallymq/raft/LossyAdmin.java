package io.tallymq.raft;

import io.tallymq.broker.Session;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.QueueSpec;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Makes the queues of a {@link LossyCluster}, and deletes, purges and makes again those that nobody judges. */
final class LossyAdmin {
    private static final QueueSpec DURABLE = new QueueSpec(true, false, false, Arguments.NONE);

    private final LossyCluster cluster;
    private final Random random;
    private final String node;
    private final List<String> queues;
    private final List<String> bound;
    private final List<String> wild;
    private BrokerProcess at;
    private Session session;
    private int missing;
    private boolean made;
    private boolean calm;

    /**
     * Makes one for these queues.
     *
     * @param bound those that amq.fanout goes to
     * @param wild those that come and go
     */
    LossyAdmin(LossyCluster cluster, String node, List<String> queues, List<String> bound, List<String> wild) {
        this.cluster = cluster;
        this.random = new Random(cluster.random().nextLong());
        this.node = node;
        this.queues = queues;
        this.bound = bound;
        this.wild = wild;
    }

    /** All queues are there. */
    boolean hasMade() {
        return made;
    }

    void calm() {
        calm = true;
    }

    void died(BrokerProcess process) {
        if (at == process) {
            again();
        }
    }

    private void again() {
        session = null;
        at = null;
        cluster.time().after(VirtualTime.SECOND / 2, "admin", this::start);
    }

    void start() {
        BrokerProcess now = cluster.process(node);
        if (now == null || !now.process().runs()) {
            again();
            return;
        }
        at = now;
        now.process().soon(VirtualTime.MILLI, "admin", () -> connect(now));
    }

    private void connect(BrokerProcess now) {
        Session[] mine = new Session[1];
        mine[0] = now.broker()
                .connect(
                        "/",
                        listener(() -> {
                            if (session == mine[0]) {
                                again();
                            }
                        }),
                        now.process().scheduler("admin"));
        session = mine[0];
        session.submit(LossyClient.openCommand(session, "admin"), reply -> {
            if (made) {
                act(mine[0], now);
            } else {
                make();
            }
        });
    }

    /** Hears of nothing but the end. */
    private static io.tallymq.broker.SessionListener listener(Runnable closed) {
        return (io.tallymq.broker.SessionListener) Proxy.newProxyInstance(
                LossyAdmin.class.getClassLoader(),
                new Class<?>[] {io.tallymq.broker.SessionListener.class},
                (proxy, method, args) -> {
                    if (method.getName().equals("closed")) {
                        closed.run();
                    }
                    return null;
                });
    }

    private void make() {
        missing = queues.size() + wild.size() + bound.size();
        queues.forEach(q -> ask(declare(q)));
        wild.forEach(q -> ask(declare(q)));
        bound.forEach(
                q -> ask(new BindQueue(session.id(), "/", new BindingKey("amq.fanout", q, "", Arguments.NONE), true)));
    }

    private void ask(Command command) {
        Session mine = session;
        BrokerProcess where = at;
        session.submit(command, reply -> {
            Ledger.check(!(reply instanceof Reply.Rejected), "%s was answered %s", command, reply);
            if (--missing == 0) {
                made = true;
                act(mine, where);
            }
        });
    }

    private Command declare(String queue) {
        return new DeclareQueue(session.id(), "/", queue, DURABLE, false);
    }

    private void act(Session mine, BrokerProcess where) {
        where.process().after((50 + random.nextInt(600)) * VirtualTime.MILLI, "admin", () -> {
            if (session == mine && !calm) {
                String queue = wild.get(random.nextInt(wild.size()));
                command(queue);
                act(mine, where);
            }
        });
    }

    private void command(String queue) {
        Consumer<Reply> ignored = reply -> {};
        switch (random.nextInt(5)) {
            case 0 -> session.submit(new PurgeQueue(session.id(), "/", queue), ignored);
            case 1 -> session.submit(new DeleteQueue(session.id(), "/", queue, false, false), ignored);
            case 2 -> get(queue);
            default -> session.submit(declare(queue), ignored);
        }
    }

    private void get(String queue) {
        Session mine = session;
        session.submit(new Get(session.id(), 1, "/", queue, false), reply -> {
            if (reply instanceof Reply.Got got) {
                long seq = got.delivery().firstSeq();
                mine.ack(got.holder(), seq, seq);
            }
        });
    }
}

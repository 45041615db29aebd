package io.tallymq.raft.log.link;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import io.tallymq.timer.Timers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The addresses of the peers' names. Asking the system for one waits, for half a minute when the server of names has died with the node that is
 * asked for; so it is asked on threads of its own, one for each name, never on the one that all pings and batches go through. What does not come in
 * {@link #PATIENCE_MILLIS}, or fails, is what it was the last time, if there was one: who listens there has to prove that he is the peer. Any thread.
 */
final class PeerNames extends AddressResolverGroup<InetSocketAddress> {
    /** Asks the system; may wait. */
    interface Lookup {
        InetAddress of(String host) throws UnknownHostException;
    }

    static final long PATIENCE_MILLIS = 250;

    private static final int IDLE_SECONDS = 10;

    private final Lookup lookup;
    private final Timers timers;
    private final ExecutorService threads;
    private final Map<String, InetAddress> last = new ConcurrentHashMap<>();
    /** Who waits for the address of a name that is being asked for: a name that nobody tells takes no more than its own thread. */
    private final Map<String, List<Promise<InetAddress>>> asking = new HashMap<>();

    /** @param peers how many names there are */
    PeerNames(int peers, Lookup lookup, Timers timers) {
        this.lookup = lookup;
        this.timers = timers;
        this.threads = new ThreadPoolExecutor(
                0,
                Math.max(1, peers),
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                new DefaultThreadFactory("peer-names", true));
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new InetSocketAddressResolver(executor, new Names(executor));
    }

    /** What still waits for the system is left to it. */
    @Override
    public void close() {
        super.close();
        threads.shutdownNow();
    }

    private final class Names extends InetNameResolver {
        private final EventExecutor loop;

        Names(EventExecutor loop) {
            super(loop);
            this.loop = loop;
        }

        @Override
        protected void doResolve(String host, Promise<InetAddress> promise) throws UnknownHostException {
            byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
            if (literal != null) {
                promise.setSuccess(InetAddress.getByAddress(host, literal));
                return;
            }
            if (isFirst(host, promise)) {
                try {
                    threads.execute(() -> ask(host));
                } catch (RejectedExecutionException e) {
                    failed(host, new UnknownHostException(host + ": asking for its address takes long"));
                    return;
                }
            }
            if (last.containsKey(host)) {
                var unused = timers.after(
                        loop,
                        PATIENCE_MILLIS,
                        TimeUnit.MILLISECONDS,
                        "waiting for an address",
                        () -> promise.trySuccess(last.get(host)));
            }
        }

        private boolean isFirst(String host, Promise<InetAddress> promise) {
            synchronized (asking) {
                List<Promise<InetAddress>> waiting = asking.get(host);
                if (waiting != null) {
                    waiting.removeIf(Promise::isDone);
                    waiting.add(promise);
                    return false;
                }
                asking.put(host, new ArrayList<>(List.of(promise)));
                return true;
            }
        }

        private List<Promise<InetAddress>> waiting(String host) {
            synchronized (asking) {
                return asking.remove(host);
            }
        }

        private void ask(String host) {
            try {
                InetAddress address = lookup.of(host);
                last.put(host, address);
                answer(waiting(host), promise -> promise.trySuccess(address));
            } catch (UnknownHostException | RuntimeException e) {
                failed(host, e);
            }
        }

        private void failed(String host, Exception cause) {
            InetAddress before = last.get(host);
            answer(waiting(host), promise -> {
                boolean unused = before == null ? promise.tryFailure(cause) : promise.trySuccess(before);
            });
        }

        private void answer(List<Promise<InetAddress>> waiting, Consumer<Promise<InetAddress>> how) {
            if (!loop.isShuttingDown()) { // else nobody is left to be told
                waiting.forEach(how);
            }
        }

        @Override
        protected void doResolveAll(String host, Promise<List<InetAddress>> promise) throws Exception {
            Promise<InetAddress> one = loop.newPromise();
            one.addListener(done -> {
                if (done.isSuccess()) {
                    promise.trySuccess(List.of(one.getNow()));
                } else {
                    promise.tryFailure(done.cause());
                }
            });
            doResolve(host, one);
        }
    }
}

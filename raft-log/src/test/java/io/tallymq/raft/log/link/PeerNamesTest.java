package io.tallymq.raft.log.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import io.tallymq.timer.Timers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerNamesTest {
    private static final int PORT = 7;

    private final CountDownLatch slow = new CountDownLatch(1);
    private final Map<String, InetAddress> known = new ConcurrentHashMap<>();
    private volatile boolean isSlow;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();
    private final PeerNames names = new PeerNames(2, this::ask, new Timers());

    PeerNamesTest() throws UnknownHostException {
        known.put("n2", InetAddress.getByAddress(new byte[] {10, 0, 0, 2}));
        known.put("n3", InetAddress.getByAddress(new byte[] {10, 0, 0, 3}));
    }

    private InetAddress ask(String host) throws UnknownHostException {
        if (host.equals("n3") && isSlow) {
            try {
                slow.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        InetAddress address = known.get(host);
        if (address == null) {
            throw new UnknownHostException(host);
        }
        return address;
    }

    @AfterEach
    void close() {
        slow.countDown();
        names.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private Future<InetSocketAddress> resolve(String host) throws Exception {
        return loop.submit(() -> names.getResolver(loop).resolve(InetSocketAddress.createUnresolved(host, PORT)))
                .get(30, TimeUnit.SECONDS);
    }

    private String resolved(String host) throws Exception {
        InetSocketAddress address = resolve(host).get(30, TimeUnit.SECONDS);
        assertEquals(PORT, address.getPort());
        return address.getAddress().getHostAddress();
    }

    /** The loop that asks goes on, for all others. */
    @Test
    void aNameThatTakesLongKeepsNobodyElseWaiting() throws Exception {
        isSlow = true;
        Future<InetSocketAddress> waiting = resolve("n3");
        assertEquals("10.0.0.2", resolved("n2"));
        assertEquals("10.1.2.3", resolved("10.1.2.3"));
        assertFalse(waiting.isDone());
        slow.countDown();
        assertEquals("10.0.0.3", waiting.get(30, TimeUnit.SECONDS).getAddress().getHostAddress());
    }

    @Test
    void whatIsNotToldAnyMoreIsWhatItWas() throws Exception {
        assertEquals("10.0.0.3", resolved("n3"));
        isSlow = true;
        assertEquals("10.0.0.3", resolved("n3"), "nobody waits for the answer");
        slow.countDown();
        known.remove("n3");
        assertEquals("10.0.0.3", resolved("n3"));
        known.put("n3", InetAddress.getByAddress(new byte[] {10, 0, 0, 4}));
        assertEquals("10.0.0.4", resolved("n3"), "a node that moved");
    }

    @Test
    void anUnknownNameIsAFailure() throws Exception {
        Future<InetSocketAddress> unknown = resolve("n4").await();
        assertInstanceOf(UnknownHostException.class, unknown.cause());
    }

    /** However often it is dialled meanwhile, and a peer that has moved is found. */
    @Test
    void aNameThatTakesLongTakesOneThread() throws Exception {
        assertEquals("10.0.0.2", resolved("n2"));
        assertEquals("10.0.0.3", resolved("n3"));
        isSlow = true;
        known.put("n2", InetAddress.getByAddress(new byte[] {10, 0, 0, 5}));
        for (int i = 0; i < 20; i++) {
            assertEquals("10.0.0.3", resolved("n3"), "what it was");
        }
        assertEquals("10.0.0.5", resolved("n2"));
    }
}

package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Works on a connection of its own until it is told to stop. When that is lost, or the work is over, it connects again, as another
 * client: its name, a dot, and a number. One thread runs it.
 */
public abstract class Worker implements Runnable {
    private static final long RETRY_MILLIS = 200;
    private static final long LOST_MILLIS = 1_000;

    private final String name;
    private final int node;
    private final Clients clients;
    private final CountDownLatch stop = new CountDownLatch(1);
    private int incarnations;
    private volatile String problem;

    protected Worker(String name, int node, Clients clients) {
        this.name = name;
        this.node = node;
        this.clients = clients;
    }

    /** Works until it is stopped, the connection is lost, or it wants another one. */
    protected abstract void work(Connection connection, String incarnation)
            throws IOException, InterruptedException, TimeoutException;

    /** The node it connects to next. */
    protected int node(int incarnation) {
        return node;
    }

    protected final String name() {
        return name;
    }

    final void stop() {
        stop.countDown();
    }

    protected final boolean stopped() {
        return stop.getCount() == 0;
    }

    /** Waits; whether it was stopped. */
    protected final boolean stopsWithin(long nanos) throws InterruptedException {
        return stop.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    /** Something happened to it that must not. The first is kept. */
    protected final void problem(String what) {
        problem = problem == null ? what : problem;
    }

    /** What happened to it that must not, or null. */
    final String problem() {
        return problem;
    }

    @Override
    public final void run() {
        try {
            do {
                workUntilLost();
            } while (!stop.await(RETRY_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            problem("interrupted: it did not end in time");
        } catch (RuntimeException e) {
            problem("failed: " + e);
        }
    }

    private void workUntilLost() throws InterruptedException {
        int incarnation = ++incarnations;
        Connection connection;
        try {
            connection = clients.connect(node(incarnation), name + "." + incarnation);
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            return; // The node is down or on its way: try again.
        }
        try {
            work(connection, name + "." + incarnation);
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            ended(connection, e);
        } finally {
            Clients.close(connection);
        }
    }

    /** A lost connection is noted by its listener, once it is known to be lost. A channel that ended alone was closed for a reason. */
    private void ended(Connection connection, Exception e) throws InterruptedException {
        ShutdownSignalException signal = signal(e);
        if (signal != null && !signal.isHardError()) {
            problem("its channel was closed: " + signal.getMessage());
            return;
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOST_MILLIS);
        while (connection.isOpen() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        if (connection.isOpen()) {
            problem("failed on an open connection: " + e);
        }
    }

    private static ShutdownSignalException signal(Throwable e) {
        Throwable t = e;
        while (t != null && !(t instanceof ShutdownSignalException)) {
            t = t.getCause();
        }
        return (ShutdownSignalException) t;
    }
}

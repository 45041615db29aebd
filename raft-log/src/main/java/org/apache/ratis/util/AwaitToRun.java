package org.apache.ratis.util;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for the class of the same name in ratis-common: a thread that runs something at each signal. That one's close waits until the thread has ended. The log is closed with its
 * write lock held, and the thread may be waiting for just that lock to let go of a file's entries: the close never ended, and the log's directory stayed locked for as long
 * as the process lived. This one's close waits for nobody: nothing new is begun, and what runs already finds a closed log behind the lock, where there is nothing to let go of. It only takes effect when this module
 * comes before ratis-common on the class path; where it does not, {@code BoundedClose} goes on without the close.
 */
public class AwaitToRun implements AutoCloseable {
    public static final Logger LOG = LoggerFactory.getLogger(AwaitToRun.class);

    private final String name;
    private final AwaitForSignal awaitForSignal;
    private final Thread thread;
    private volatile boolean closed;

    public AwaitToRun(Object namePrefix, Runnable runMethod) {
        this.name = namePrefix + "-AwaitToRun";
        this.awaitForSignal = new AwaitForSignal(name);
        this.thread = new Thread(() -> run(runMethod), name);
        thread.setDaemon(true);
    }

    private void run(Runnable runMethod) {
        while (!closed) {
            try {
                awaitForSignal.await();
                if (!closed) {
                    runMethod.run();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }
    }

    private void failed(Throwable e) {
        if (closed) {
            LOG.debug("{} failed after its end", name, e);
        } else {
            LOG.error("{} failed, and goes on at the next signal", name, e);
        }
    }

    /** Once. */
    public AwaitToRun start() {
        thread.start();
        return this;
    }

    /** It runs soon; once for all signals that come before. */
    public void signal() {
        awaitForSignal.signal();
    }

    /** Any number of times, and any thread; waits for nobody. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    @Override
    public String toString() {
        return name;
    }
}

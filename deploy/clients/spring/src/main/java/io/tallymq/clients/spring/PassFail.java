package io.tallymq.clients.spring;

import java.util.function.BooleanSupplier;

/** Prints what held and what did not. */
final class PassFail {
    /** What a check does. */
    interface Body {
        /** @return what was seen, for the reader; failures are exceptions */
        Object run() throws Exception;
    }

    private final Runnable after;
    private boolean failed;

    /** @param after runs behind each check, however that ended */
    PassFail(Runnable after) {
        this.after = after;
    }

    void check(String name, Body body) {
        try {
            System.out.println("PASS " + name + ": " + body.run());
        } catch (Exception | AssertionError e) {
            failed = true;
            System.out.println("FAIL " + name + ": " + e);
            e.printStackTrace(System.err);
        } finally {
            after.run();
        }
    }

    boolean failed() {
        return failed;
    }

    static void holds(boolean condition, Object seen) {
        if (!condition) {
            throw new AssertionError(String.valueOf(seen));
        }
    }

    /** Waits until it holds. */
    static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + SpringBroker.WAIT_MILLIS * 1_000_000;
        while (!condition.getAsBoolean()) {
            holds(System.nanoTime() < deadline, what + ": not within " + SpringBroker.WAIT_MILLIS + " ms");
            Thread.sleep(10);
        }
    }
}

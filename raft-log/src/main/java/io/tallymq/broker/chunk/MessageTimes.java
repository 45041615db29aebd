package io.tallymq.broker.chunk;

/** What a queue says of the time that its messages live. */
public interface MessageTimes {
    /** Milliseconds after which those that come now expire, {@link Lifetimes#NEVER}. */
    long timeToLive();

    /** Whether what the messages say of that counts. */
    boolean areOwn();

    /** Whether chunks whose messages expire at different times keep {@link #timeToLive}: the queue may say another one later. */
    boolean areKept();
}

package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.message.UnreadableEntryException;

/** The tag of a command in the log, and who reads it. Append only: the ordinal plays no role, the code does, and is never used again. */
public enum CommandKind {
    NODE_UP(1, NodeUp::read),
    NODE_LOST(2, NodeLost::read),
    RAISE(7, Raise::read),
    OPEN_CONNECTION(3, OpenConnection::read),
    CLOSE_CONNECTION(4, CloseConnection::read),
    CLOSE_CHANNEL(5, CloseChannel::read),
    ON_CHANNEL(6, OnChannel::read, false),
    DECLARE_EXCHANGE(10, DeclareExchange::read),
    DELETE_EXCHANGE(11, DeleteExchange::read),
    BIND_EXCHANGE(12, BindExchange::read),
    DECLARE_QUEUE(20, DeclareQueue::read),
    DELETE_QUEUE(21, DeleteQueue::read),
    PURGE_QUEUE(22, PurgeQueue::read),
    BIND_QUEUE(23, BindQueue::read),
    PAUSE_QUEUE(24, PauseQueue::read),
    SUBSCRIBE(30, Subscribe::read),
    CANCEL(31, Cancel::read),
    CREDIT(32, Credit::read, false),
    GET(33, Get::read),
    SETTLE(34, Settle::read, false),
    RECOVER(35, Recover::read),
    QOS(36, Qos::read),
    TAKE_BACK(37, TakeBack::read),
    CONSUME_REPLIES(38, ConsumeReplies::read),
    STORE_OFFSET(39, StoreOffset::read),
    PUBLISH(40, Publish::read, false),
    BODY_PART(41, BodyPart::read),
    DROP_UPLOAD(42, DropUpload::read),
    COMMIT_TX(43, CommitTx::read, false),
    CALL_OFF(44, CallOff::read),
    SETTLE_WITH(45, SettleWith::read, false),
    TAKE_MATCHING(46, TakeMatching::read),
    FORCE_CLOSE(47, ForceClose::read),
    SCHEDULE_MESSAGE(49, ScheduleMessage::read),
    REDRIVE(51, Redrive::read),
    VOID_PUBLISH(52, VoidPublish::read),
    FENCE_PRODUCER(53, FenceProducer::read),
    VOID_ID(56, VoidId::read),
    PROBE(50, Probe::read, false),
    SET_POLICY(60, SetPolicy::read),
    CLEAR_POLICY(61, ClearPolicy::read),
    ADMINISTER(62, Administer::read),
    BY_USER(63, ByUser::read, false),
    NOTE_IMPORT(64, NoteImport::read),
    NOTE_ACTION(65, NoteAction::read);

    /** Reads the fields. */
    interface Reader {
        Command read(ByteReader r, InBatch in);
    }

    private static final CommandKind[] BY_CODE = byCode();

    private final int code;
    private final Reader reader;
    private final boolean grows;

    CommandKind(int code, Reader reader) {
        this(code, reader, true);
    }

    /**
     * @param grows whether {@link TaggedFields} end a command. Not where each run of messages, ack or credit would pay for them: what
     *     those need goes into a message's extension or is a new kind; nor where the command within has them, or reads and writes its own
     */
    CommandKind(int code, Reader reader, boolean grows) {
        this.code = code;
        this.reader = reader;
        this.grows = grows;
    }

    private static CommandKind[] byCode() {
        CommandKind[] kinds = new CommandKind[256];
        for (CommandKind k : values()) {
            kinds[k.code] = k;
        }
        return kinds;
    }

    public int code() {
        return code;
    }

    boolean grows() {
        return grows;
    }

    Reader reader() {
        return reader;
    }

    /**
     * The kind of a code found in the log.
     *
     * @throws UnreadableEntryException when this program does not know it
     */
    static CommandKind of(int code) {
        CommandKind k = BY_CODE[code];
        if (k == null) {
            throw new UnreadableEntryException("The log holds a command of kind " + code
                    + ", which this program does not know: run the version of TallyMQ that wrote it, or a newer one.");
        }
        return k;
    }
}

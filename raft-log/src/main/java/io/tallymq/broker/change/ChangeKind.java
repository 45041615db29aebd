package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.UnreadableEntryException;
import java.util.function.Function;

/** The tag of a change in the log, its name in the list of changes, and who reads it. Append only; a code is never used again. */
public enum ChangeKind {
    FIRST_USER(1, "user.first", FirstUser::read),
    SET_VHOST(2, "vhost.set", SetVhost::read),
    DELETE_VHOST(3, "vhost.delete", DeleteVhost::read),
    SET_USER(4, "user.set", SetUser::read),
    DELETE_USER(5, "user.delete", DeleteUser::read),
    REHASH(6, "user.rehash", Rehash::read),
    SET_PERMISSION(7, "permission.set", SetPermission::read),
    CLEAR_PERMISSION(8, "permission.clear", ClearPermission::read),
    SET_TOPIC_PERMISSION(9, "topic-permission.set", SetTopicPermission::read),
    CLEAR_TOPIC_PERMISSION(10, "topic-permission.clear", ClearTopicPermission::read),
    SET_LIMIT(11, "limit.set", SetLimit::read),
    CLEAR_LIMIT(12, "limit.clear", ClearLimit::read),
    SET_GLOBAL_PARAMETER(13, "global-parameter.set", SetGlobalParameter::read),
    CLEAR_GLOBAL_PARAMETER(14, "global-parameter.clear", ClearGlobalParameter::read),
    ALTER_VHOST(15, "vhost.set", AlterVhost::read, AlterVhost.LEVEL),
    SET_LIMITS(16, "limits.set", SetLimits::read, SetLimits.LEVEL);

    private final int code;
    private final String text;
    private final Function<ByteReader, Change> reader;
    private final int level;

    /** Of those with which changes began. */
    ChangeKind(int code, String text, Function<ByteReader, Change> reader) {
        this(code, text, reader, 0);
    }

    /** @param level of the state from which on it may be in the log */
    ChangeKind(int code, String text, Function<ByteReader, Change> reader, int level) {
        this.code = code;
        this.text = text;
        this.reader = reader;
        this.level = level;
    }

    public int code() {
        return code;
    }

    /** The level of the state from which on it may be in the log; 0 where that is when changes may be. */
    public int level() {
        return level;
    }

    /** For the list of changes. */
    public String text() {
        return text;
    }

    /** @throws UnreadableEntryException when this program does not know the code */
    public static Change read(int code, ByteReader r) {
        for (ChangeKind k : values()) {
            if (k.code == code) {
                return k.reader.apply(r);
            }
        }
        throw new UnreadableEntryException("The log holds a change of kind " + code
                + ", which this program does not know: run the version of TallyMQ that wrote it, or a newer one.");
    }
}

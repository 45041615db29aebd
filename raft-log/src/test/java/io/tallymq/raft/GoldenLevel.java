package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.store.Keys;
import io.tallymq.raft.session.GoldenLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A level of which there are golden files, and what these have. */
enum GoldenLevel {
    /** All that there was. */
    ONE(
            "level-1",
            List.of(
                    Keys.MACHINE,
                    Keys.NODE,
                    Keys.CONNECTION,
                    Keys.EXCHANGE,
                    Keys.QUEUE,
                    Keys.BINDING,
                    Keys.UPLOAD,
                    Keys.QUEUE_STATE,
                    Keys.HOLDER,
                    Keys.ATTEMPTS,
                    Keys.HELD,
                    Keys.CHANNEL,
                    Keys.LEAVING,
                    Keys.OWED),
            List.of(Keys.SHARED_REFERENCES),
            List.of(Keys.APPLIED, Keys.SETTLED, Keys.CHUNK, Keys.SHARED)),
    /** What that level brought, and what it needs. */
    FIVE(
            "level-5",
            List.of(
                    Keys.MACHINE,
                    Keys.NODE,
                    Keys.CONNECTION,
                    Keys.EXCHANGE,
                    Keys.QUEUE,
                    Keys.BINDING,
                    Keys.POLICY,
                    Keys.QUEUE_STATE,
                    Keys.HOLDER,
                    Keys.HELD,
                    Keys.AUDIT,
                    Keys.PRODUCER,
                    Keys.PRODUCERS_FORGOTTEN,
                    Keys.RECEIPTS_LEFT,
                    Keys.IDS,
                    Keys.ID_BLOCK,
                    Keys.UNTOLD,
                    Keys.FAREWELL,
                    Keys.REPORTS_KEPT,
                    Keys.REPORTS_TOLD,
                    Keys.SCHEDULE),
            List.of(Keys.PRODUCER_PAST, Keys.RECEIPTS, Keys.ID_CHANGES, Keys.SCHEDULED, Keys.SHARED_REFERENCES),
            List.of(Keys.APPLIED, Keys.SETTLED, Keys.CHUNK, Keys.SHARED, Keys.PRODUCER_PAST_ORDER)),
    /** The same level's features and rights. */
    FEATURES(
            "level-5-features",
            List.of(
                    Keys.MACHINE,
                    Keys.VHOST,
                    Keys.USER,
                    Keys.PERMISSION,
                    Keys.GLOBAL_PARAMETER,
                    Keys.AUDIT,
                    Keys.POLICY,
                    Keys.EXCHANGE,
                    Keys.QUEUE,
                    Keys.BINDING,
                    Keys.QUEUE_STATE,
                    Keys.HOLDER,
                    Keys.HELD,
                    Keys.HELD_BLOCK,
                    Keys.ATTEMPTS,
                    Keys.CHANNEL,
                    Keys.UPLOAD,
                    Keys.UPLOADS_LEFT,
                    Keys.REPLY_CONSUMER,
                    Keys.SEEN,
                    Keys.DEAD,
                    Keys.SCHEDULE,
                    Keys.SCHEDULE_ID,
                    Keys.SCHEDULE_ROOM,
                    Keys.RESTING,
                    Keys.ACK_DEADLINE,
                    Keys.LANE_KEY,
                    Keys.LAST_VALUE,
                    Keys.OVERLAY,
                    Keys.DEFERRED,
                    Keys.STREAM_OFFSET,
                    Keys.OUT_OF_TURN,
                    Keys.RECENT),
            List.of(Keys.SCHEDULED),
            List.of(Keys.APPLIED, Keys.SETTLED, Keys.CHUNK));

    final String directory;
    /** Types of records with fields that are read at a start. */
    final List<Byte> atStart;
    /** And when they are asked for. */
    final List<Byte> whenAsked;
    /** And those without fields. */
    final List<Byte> withoutFields;

    GoldenLevel(String directory, List<Byte> atStart, List<Byte> whenAsked, List<Byte> withoutFields) {
        this.directory = directory;
        this.atStart = atStart;
        this.whenAsked = whenAsked;
        this.withoutFields = withoutFields;
    }

    List<Byte> withFields() {
        List<Byte> all = new ArrayList<>(atStart);
        all.addAll(whenAsked);
        return all;
    }

    /** All that are looked at. */
    Set<Byte> types() {
        Set<Byte> all = new java.util.LinkedHashSet<>(withFields());
        all.addAll(withoutFields);
        return all;
    }

    /** The log as a program of that level writes it; returns index of the last entry. */
    long write(GoldenLog log, Path copy) throws Exception {
        return switch (this) {
            case ONE -> GoldenScript.write(log, copy);
            case FIVE -> GoldenReceipts.write(log, copy);
            case FEATURES -> GoldenFeatures.write(log, copy);
        };
    }

    /** The level. */
    int level() {
        return Character.digit(directory.charAt("level-".length()), 10);
    }

    /** Those of the level that this program writes: their files may still be written. */
    static List<GoldenLevel> newest() {
        return Stream.of(values())
                .filter(l -> l.level() == BrokerMachine.LEVELS.max())
                .toList();
    }
}

package io.tallymq.broker;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.lane.QueueCounters;
import io.tallymq.broker.life.Absence;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.moving.PublishCounts;
import io.tallymq.broker.reports.DueLately;
import io.tallymq.broker.settings.PolicyRound;

/** The machine's own record in the store, written with every commit: what the rooms keep that has no record of its own. */
final class MachineRecord {
    /** Tag of {@link Progress}. */
    private static final int WITHIN = 1;
    /** Of what deleted queues counted. */
    private static final int RETIRED = 2;
    /** Of {@link PolicyRound}. */
    private static final int POLICY_ROUND = 3;
    /** Of {@link AccessState}. */
    private static final int ACCESS = 4;
    /** Of {@link PublishCounts}. */
    private static final int PUBLISHES = 5;
    /** Of {@link Absence}. */
    private static final int ABSENCE = 6;
    /** Of {@link DueLately}. */
    private static final int LATELY = 7;

    private final Numbers numbers;
    private final PublishCounts publishes;
    private final QueueCounters retired;
    private final PolicyRound policyRound;
    private final AccessState access;
    private final Absence absence;
    private final DueLately lately;

    MachineRecord(
            Numbers numbers,
            PublishCounts publishes,
            QueueCounters retired,
            PolicyRound policyRound,
            AccessState access,
            Absence absence,
            DueLately lately) {
        this.numbers = numbers;
        this.publishes = publishes;
        this.retired = retired;
        this.policyRound = policyRound;
        this.access = access;
        this.absence = absence;
        this.lately = lately;
    }

    /** Whether a store whose machine's record this is was written in the middle of an entry. */
    static boolean isWithinEntry(byte[] record) {
        ByteReader r = new ByteReader(record);
        r.skip(3 * Long.BYTES);
        QueueCounters.pass(r);
        boolean[] within = {false};
        TaggedFields.readRecord(r, (tag, value) -> {
            within[0] |= tag == WITHIN;
            return tag >= WITHIN && tag <= LATELY;
        });
        return within[0];
    }

    /** @param within what is done of the entry in hand; null when all of it is */
    byte[] encode(Progress within) {
        ByteWriter w = new ByteWriter(64);
        numbers.write(w);
        w.int64(publishes.droppedSoFar());
        retired.encode(w);
        if (within != null) {
            ByteWriter progress = new ByteWriter(24);
            within.write(progress);
            TaggedFields.write(w, WITHIN, progress.toBytes());
        }
        writeSome(w, RETIRED, retired.encodeMore());
        writeSome(w, POLICY_ROUND, policyRound.encode());
        writeSome(w, ACCESS, access.encode());
        writeSome(w, PUBLISHES, publishes.encode());
        writeSome(w, ABSENCE, absence.encode());
        writeSome(w, LATELY, lately.encode());
        return w.toBytes();
    }

    private static void writeSome(ByteWriter w, int tag, byte[] value) {
        if (value != null) {
            TaggedFields.write(w, tag, value);
        }
    }

    /** The rooms take back what is theirs. Returns what was done of the entry in hand, null when all of it was. */
    Progress decode(byte[] record) {
        ByteReader r = new ByteReader(record);
        numbers.read(r);
        publishes.droppedSoFar(r.int64());
        retired.decode(r);
        Progress[] within = {null};
        TaggedFields.readRecord(r, (tag, value) -> {
            switch (tag) {
                case WITHIN -> within[0] = Progress.read(value);
                case RETIRED -> retired.decodeMore(value);
                case POLICY_ROUND -> policyRound.decode(value);
                case ACCESS -> access.decode(value);
                case PUBLISHES -> publishes.decode(value);
                case ABSENCE -> absence.decode(value);
                case LATELY -> lately.decode(value);
                default -> {
                    return false;
                }
            }
            return true;
        });
        return within[0];
    }
}

package io.tallymq.raft;

import io.tallymq.broker.message.UnreadableEntryException;
import io.tallymq.raft.entry.EntryCheck;
import io.tallymq.raft.session.Replica;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The entry that an operator named because nobody can read it: raft.skip-entry. */
final class NamedEntry {
    private static final Logger LOG = LoggerFactory.getLogger(NamedEntry.class);

    private NamedEntry() {}

    /**
     * Whether it is passed over. What can be read is applied whoever named it, so that nodes that were
     * told of it and nodes that were not don't differ.
     */
    static boolean isPassedOver(Replica replica, long index, byte[] bytes, int offset, int length) {
        RuntimeException damage = EntryCheck.damage(bytes, offset, length);
        if (damage == null) {
            LOG.warn("Entry {}, which raft.skip-entry names, can be read: it is not passed over", index);
            return false;
        }
        if (replica.hasBegun(index)) {
            throw new UnreadableEntryException(
                    "Entry " + index + " of the log can't be passed over: a part of it is in this node's store."
                            + " Set this node's data aside and let it join those that pass it over.",
                    damage);
        }
        LOG.warn(
                "Entry {} of the log, {} bytes, is passed over as raft.skip-entry says: {}",
                index,
                length,
                damage.toString());
        return true;
    }
}

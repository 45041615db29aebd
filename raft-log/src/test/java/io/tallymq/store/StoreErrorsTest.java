package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

class StoreErrorsTest {
    private static final Path DIRECTORY = Path.of("/data/store");

    private static final String AWAY = "data directories (log and store) away";

    private static String text(String cause) {
        return StoreErrors.cannotOpen(DIRECTORY, new RocksDBException(cause)).getMessage();
    }

    /** As RocksDB 11.8 told it on a full tmpfs. */
    @Test
    void aFullDiskIsNotTakenForABrokenOne() {
        String text = text("While appending to file: /data/store/000000.dbtmp: No space left on device");
        assertTrue(text.contains("is full: free space"), text);
        assertFalse(text.contains(AWAY), text);
    }

    @Test
    void aBrokenStoreIsToBeMovedAway() {
        String text = text("Corruption: bad block contents");
        assertTrue(text.contains(AWAY), text);
        assertTrue(text.contains("Corruption: bad block contents"), text);
    }

    /** Started again it would end again at the same block. The message of such an error does not name its kind. */
    @Test
    void whatAWriteFindsBrokenIsToBeMovedAwayToo() {
        Status corruption = new Status(Status.Code.Corruption, Status.SubCode.None, "");
        String text = StoreErrors.failed(
                DIRECTORY, new RocksDBException("block checksum mismatch in 000012.sst", corruption));
        assertTrue(text.contains(AWAY) && text.contains("000012.sst"), text);
    }

    @Test
    void aProcessWithoutDescriptorsIsNoBrokenDisk() {
        RocksDBException e = new RocksDBException("While open a file: /data/store/12.sst: Too many open files");
        for (String text : List.of(
                StoreErrors.failed(DIRECTORY, e),
                StoreErrors.unreadable(DIRECTORY, e),
                StoreErrors.cannotOpen(DIRECTORY, e).getMessage())) {
            assertTrue(text.contains("ulimit -n") && !text.contains("Check the disk") && !text.contains(AWAY), text);
        }
    }
}

package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.rocksdb.RocksDBException;

class StoreErrorsTest {
    private static final Path DIRECTORY = Path.of("/data/store");

    private static String text(String cause) {
        return StoreErrors.cannotOpen(DIRECTORY, new RocksDBException(cause)).getMessage();
    }

    /** As RocksDB 11.8 told it on a full tmpfs. */
    @Test
    void aFullDiskIsNotTakenForABrokenOne() {
        String text = text("While appending to file: /data/store/000000.dbtmp: No space left on device");
        assertTrue(text.contains("is full: free space"), text);
        assertFalse(text.contains("move the directory away"), text);
    }

    @Test
    void aBrokenStoreIsToBeMovedAway() {
        String text = text("Corruption: bad block contents");
        assertTrue(text.contains("move the directory away"), text);
        assertTrue(text.contains("Corruption: bad block contents"), text);
    }

    /** Started again it would end again at the same block. */
    @Test
    void whatAWriteFindsBrokenIsToBeMovedAwayToo() {
        String text = StoreErrors.failed(DIRECTORY, "Corruption: block checksum mismatch in 000012.sst", null);
        assertTrue(text.contains("move the directory away") && text.contains("000012.sst"), text);
    }

    @Test
    void aProcessWithoutDescriptorsIsNoBrokenDisk() {
        String text = StoreErrors.failed(DIRECTORY, "While open a file: /data/store/12.sst: Too many open files", null);
        assertTrue(text.contains("ulimit -n") && !text.contains("Check the disk"), text);
    }
}

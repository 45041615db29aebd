package io.tallymq.broker.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MessageRecordTest {
    /** What a newer node put there is passed over, however long it is. */
    @Test
    void anExtensionIsPassedOver() {
        for (int extension : new int[] {0, 1, 255, 256, 65_535}) {
            ByteWriter w = new ByteWriter(64).int64(-1); // something before it
            MessageRecord.writeHeader(w, MessageRecord.MANDATORY, 65_535, extension, 3, 5);
            w.raw(new byte[extension], 0, extension);
            w.raw(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 8);
            byte[] b = w.toBytes();
            assertEquals(b.length - 8, MessageRecord.length(b, 8));
            assertEquals(extension, MessageRecord.extensionLength(b, 8));
            assertEquals(65_535, MessageRecord.route(b, 8));
            assertEquals(3, MessageRecord.propertiesLength(b, 8));
            assertEquals(1, b[MessageRecord.propertiesOffset(b, 8)]);
            assertEquals(5, MessageRecord.bodyLength(b, 8));
            assertEquals(4, b[MessageRecord.bodyOffset(b, 8)]);
            assertTrue(MessageRecord.isMandatory(b, 8));
            assertFalse(MessageRecord.isExternal(b, 8));
        }
    }
}

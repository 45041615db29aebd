package io.tallymq.broker.store;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KeysTest {
    /** Two that were made on different branches had the same once. */
    @Test
    void noTwoKindsOfRecordsHaveOneKey() throws IllegalAccessException {
        Map<Byte, String> names = new TreeMap<>();
        for (Field f : Keys.class.getDeclaredFields()) {
            if (f.getType() == byte.class) {
                assertNull(names.put(f.getByte(null), f.getName()), f.getName());
            }
        }
        assertTrue(names.size() > 30);
    }
}

package io.tallymq.tally.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class AlarmTextTest {
    @Test
    void eachAlarmIsNamedWithItsNode() throws Exception {
        var nodes = new ObjectMapper()
                .readTree("[{\"name\":\"n1\",\"mem_alarm\":true,\"disk_free_alarm\":false},"
                        + "{\"name\":\"n2\",\"mem_alarm\":true,\"disk_free_alarm\":true}]");
        assertEquals("MEMORY of n1, MEMORY of n2, DISK of n2: publishers wait", AlarmText.of(nodes));
        assertEquals("none", AlarmText.of(new ObjectMapper().createArrayNode()));
    }
}

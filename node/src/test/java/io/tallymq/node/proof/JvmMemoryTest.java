package io.tallymq.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class JvmMemoryTest {
    @Test
    void eachGenerationOfTheSerialCollectorCounts() {
        String info = "11998:\n def new generation   total 31360K, used 143K [0x00000000e0000000, 0x00000000e22f0000)\n"
                + "  eden space 26944K,   0% used [0x00000000e0000000, 0x00000000e0023e30)\n"
                + " tenured generation   total 71364K, used 24978K [0x00000000e3000000, 0x00000000e75b1000)\n"
                + "   the space 71364K,  35% used [0x00000000e3000000, 0x00000000e48648d0)\n"
                + " Metaspace       used 7271K, committed 7616K, reserved 1114112K\n";
        assertEquals(143 + 24_978, JvmMemory.used(info));
    }

    @Test
    void orTheHeapOfG1() {
        String info = "12:\n garbage-first heap   total 163840K, used 21504K [0x00000000e0000000, 0x0000000100000000)\n"
                + "  region size 1024K, 5 young (5120K), 0 survivors (0K)\n";
        assertEquals(21_504, JvmMemory.used(info));
    }

    @Test
    void ofAnythingElseNothingIsTold() {
        assertEquals(-1, JvmMemory.used("12:\n ZHeap           used 10M, capacity 64M, max capacity 512M\n"));
    }

    @Test
    void thisProcessUsesSome() throws Exception {
        assertTrue(JvmMemory.heapAfterGc(ProcessHandle.current().pid()) > 0);
    }
}

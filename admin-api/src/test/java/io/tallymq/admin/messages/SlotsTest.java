package io.tallymq.admin.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.request.RefusedException;
import org.junit.jupiter.api.Test;

class SlotsTest {
    private final Slots slots = new Slots(1, "wait");

    private void assertTaken() {
        assertEquals(
                503, assertThrows(RefusedException.class, slots::take).answer().status());
    }

    @Test
    void aSlotIsFreeWhenNobodyHoldsIt() {
        Slots.Slot slot = slots.take();
        assertTaken();
        assertTrue(slot.hold());
        slot.leave();
        assertTaken();
        slot.leave();
        slots.take();
        assertTaken();
    }

    /** Its answer comes after its client was told that it is late. */
    @Test
    void whatWasLeftIsNotHeldAgain() {
        Slots.Slot slot = slots.take();
        slot.leave();
        assertFalse(slot.hold());
        slots.take();
        assertTaken();
    }
}

package io.tallymq.broker.receipts;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class NoteTest {
    /** Half of one would come back from the store as something else than it was. */
    @Test
    void noCharacterOfATextIsCutInTwo() {
        String text = "a".repeat(Note.MOST_TEXT - 1) + "\ud83d\ude00 is no longer here";
        Note note = new Note(Outcome.REFUSED, 1, 1, 1, 1, 406, text, 0, List.of());
        assertEquals("a".repeat(Note.MOST_TEXT - 1), note.text());
    }
}

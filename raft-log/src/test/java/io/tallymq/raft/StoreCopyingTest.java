package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.store.MessageStore.Applied;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies that would end in the middle of an entry are made again, at last between entries. */
class StoreCopyingTest {
    private static final Applied END = new Applied(3, 7, 1, 4);

    @TempDir
    Path dir;

    private final List<String> steps = new ArrayList<>();
    private int wholeFrom = 1;
    private int made;
    private boolean still;

    private StoreCopying copying() {
        return new StoreCopying(
                parent -> {
                    steps.add(still ? "copy between entries" : "copy");
                    made++;
                    try {
                        return Files.createDirectory(parent.resolve("copy" + made));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                copy -> made >= wholeFrom ? END : null,
                task -> {
                    steps.add("written");
                    still = true;
                    task.run();
                    still = false;
                });
    }

    private long directories() throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.count();
        }
    }

    @Test
    void whatWasAppliedIsWrittenBeforeTheCopy() throws IOException {
        StoreCopy copy = copying().make(dir);
        assertEquals(END, copy.applied());
        assertEquals(List.of("written", "copy"), steps);
        copy.close();
        assertEquals(0, directories());
    }

    @Test
    void aCopyThatEndsWithinAnEntryIsMadeAgain() throws IOException {
        wholeFrom = 3;
        assertTrue(Files.isDirectory(copying().make(dir).directory()));
        assertEquals(List.of("written", "copy", "copy", "copy"), steps);
        assertEquals(1, directories(), "the others are gone");
    }

    @Test
    void afterSomeEntriesWait() {
        wholeFrom = 4;
        copying().make(dir);
        assertEquals(List.of("written", "copy", "copy", "copy", "written", "copy between entries"), steps);
        assertFalse(still);
    }

    @Test
    void neverACopyThatIsNotWhole() throws IOException {
        wholeFrom = 100;
        assertThrows(IllegalStateException.class, () -> copying().make(dir));
        assertEquals(0, directories());
    }
}

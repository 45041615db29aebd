package io.tallymq.raft.log.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The disk of the log is full. The message says what to do. A node ends with it; nothing is damaged. */
public final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1L;

    /** As the system's libraries say it. */
    private static final String FULL = "No space left on device";

    /** With less free space an end that nobody explains is one for want of room. */
    private static final long NEXT_TO_NOTHING = 1 << 20;

    private NoRoomException(Path directory, Throwable cause) {
        super(
                "The disk of the log in " + directory
                        + " is full: free space there and start the node again. Nothing confirmed"
                        + " is lost; while the disk is low, consumers can drain the queues and publishers are blocked.",
                cause);
    }

    /**
     * What failed for want of room, as one exception that says what to do. Any thread.
     *
     * @param directory the log's
     * @param cause why the log failed, null when that is not known
     * @return null when it was for another reason
     */
    public static NoRoomException in(Path directory, Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (String.valueOf(t.getMessage()).contains(FULL)) {
                return new NoRoomException(directory, cause);
            }
        }
        return cause == null && isFull(directory) ? new NoRoomException(directory, null) : null;
    }

    private static boolean isFull(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace() < NEXT_TO_NOTHING;
        } catch (IOException e) {
            return false;
        }
    }
}

package io.tallymq.raft.log;

import io.tallymq.raft.log.state.ReplicatedState;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Remembers all entries as text. With a directory its durable part survives in a file, like a store's; without one it is
 * durable only where it is told to be.
 */
public final class MemoryState implements ReplicatedState {
    private final Path file;
    private final List<String> entries = new ArrayList<>();
    private final AtomicInteger tells = new AtomicInteger();
    private final AtomicInteger flushes = new AtomicInteger();
    private final AtomicInteger installs = new AtomicInteger();
    private final AtomicInteger forced = new AtomicInteger();
    private volatile Runnable whileInstalling = () -> {};
    private volatile Runnable whileVerifying = () -> {};
    private volatile WhileCopying whileCopying = copy -> {};
    private volatile Runnable beforeFlush = () -> {};
    private volatile Runnable beforeApply = () -> {};
    private volatile Position applied = Position.NONE;
    private volatile Position durable = Position.NONE;
    private volatile String leader;
    private volatile boolean durableAtFlush;
    private volatile boolean awaited = true;
    private int unflushed;

    public MemoryState() {
        this(null);
    }

    public MemoryState(Path file) {
        this.file = file;
        if (file != null && Files.exists(file)) {
            load(file);
        }
    }

    MemoryState durableAtFlush() {
        durableAtFlush = true;
        return this;
    }

    @Override
    public synchronized void apply(long term, long index, byte[] bytes, int off, int len) {
        if (index != applied.index() + 1) {
            throw new IllegalStateException("entry " + index + " after " + applied);
        }
        beforeApply.run();
        // A large entry is told by its size: the tests' heap is small.
        if (len == 6 && new String(bytes, off, len, StandardCharsets.UTF_8).equals("poison")) {
            throw new IllegalStateException("poison");
        }
        entries.add(len > 1_000 ? "#" + len : new String(bytes, off, len, StandardCharsets.UTF_8));
        applied = new Position(term, index);
        unflushed++;
    }

    @Override
    public synchronized void advance(long term, long index) {
        if (index != applied.index() + 1) {
            throw new IllegalStateException("position " + index + " after " + applied);
        }
        applied = new Position(term, index);
        unflushed++;
    }

    /** Runs before each entry, which takes that much longer. */
    public void beforeApply(Runnable action) {
        beforeApply = action;
    }

    /** Runs before each flush, which takes that much longer. */
    public void beforeFlush(Runnable action) {
        beforeFlush = action;
    }

    @Override
    public void tell() {
        tells.incrementAndGet();
    }

    @Override
    public void flush() {
        tell();
        beforeFlush.run();
        flushed();
    }

    private synchronized void flushed() {
        unflushed = 0;
        flushes.incrementAndGet();
        if (durableAtFlush) {
            forceDurable();
        }
    }

    @Override
    public boolean isAwaited() {
        return awaited;
    }

    public void awaited(boolean value) {
        awaited = value;
    }

    synchronized int unflushed() {
        return unflushed;
    }

    int tells() {
        return tells.get();
    }

    int flushes() {
        return flushes.get();
    }

    /** How often it had to become durable. */
    public int forced() {
        return forced.get();
    }

    /** Runs during each installation, which takes that much longer. */
    public void whileInstalling(Runnable action) {
        whileInstalling = action;
    }

    public int installs() {
        return installs.get();
    }

    String leader() {
        return leader;
    }

    public synchronized List<String> entries() {
        return List.copyOf(entries);
    }

    @Override
    public Position applied() {
        return applied;
    }

    @Override
    public Position durable() {
        return durable;
    }

    @Override
    public synchronized void forceDurable() {
        forced.incrementAndGet();
        if (file != null && !durable.equals(applied)) {
            save(file);
        }
        durable = applied;
    }

    @Override
    public synchronized Path checkpoint(Path parent) throws IOException {
        Path dir = Files.createTempDirectory(parent, "checkpoint");
        Path sub = Files.createDirectory(dir.resolve("sub"));
        save(sub.resolve("entries"));
        Files.write(dir.resolve("empty"), new byte[0]);
        Files.write(dir.resolve("large"), new byte[1_000_000]);
        whileCopying.run(dir);
        return dir;
    }

    /** Something that is done with each copy of this state. */
    public interface WhileCopying {
        void run(Path copy) throws IOException;
    }

    /** Runs for each copy that another node asks for, before it is sent. */
    public void whileCopying(WhileCopying action) {
        whileCopying = action;
    }

    /** Runs for each copy before it is installed; what it throws is what is wrong with it. */
    void whileVerifying(Runnable action) {
        whileVerifying = action;
    }

    @Override
    public void verify(Path checkpointDir) {
        whileVerifying.run();
    }

    @Override
    public synchronized Position install(Path checkpointDir) throws IOException {
        whileInstalling.run();
        if (Files.size(checkpointDir.resolve("empty")) != 0
                || Files.size(checkpointDir.resolve("large")) != 1_000_000) {
            throw new IOException("files are missing");
        }
        entries.clear();
        load(checkpointDir.resolve("sub").resolve("entries"));
        if (file != null) {
            save(file);
        }
        installs.incrementAndGet();
        return applied;
    }

    @Override
    public void leaderChanged(String leaderNodeIdOrNull, long term) {
        leader = leaderNodeIdOrNull;
    }

    private void save(Path to) {
        Path temporary = to.resolveSibling(to.getFileName() + ".tmp");
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(temporary))) {
            out.writeLong(applied.term());
            out.writeLong(applied.index());
            out.writeInt(entries.size());
            for (String entry : entries) {
                out.writeUTF(entry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            Files.move(temporary, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void load(Path from) {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(from))) {
            applied = new Position(in.readLong(), in.readLong());
            durable = applied;
            for (int n = in.readInt(); n > 0; n--) {
                entries.add(in.readUTF());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

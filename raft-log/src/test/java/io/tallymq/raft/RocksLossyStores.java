package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import io.tallymq.store.StoredCopy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The product's store on disk, of a node that crashes: what RocksDB has in its files at that moment is what the next start finds.
 * Memtables are larger than all that a run writes, so that it writes when it is told to and a seed does the same again.
 */
final class RocksLossyStores implements LossyStores {
    private static final String CURRENT = "CURRENT";
    private static final String MANIFEST = "MANIFEST-";

    private final Path home;
    private final RocksStoreConfig config;
    private RocksStore store;
    private Runnable whileReplaced = () -> {};

    /** @param home of all nodes, for what they copy from each other */
    RocksLossyStores(Path home, String node) {
        this.home = home;
        this.config = RocksStoreConfig.in(home.resolve(node)).withCaches(1 << 20, 1 << 20);
    }

    @Override
    public void whileReplaced(Runnable task) {
        whileReplaced = task;
    }

    @Override
    public MessageStore open(Consumer<String> onFailure) {
        store = RocksStore.open(config, BrokerMachine.LEVELS, onFailure);
        return store;
    }

    @Override
    public MessageStore.Applied durable() {
        return store.durable();
    }

    @Override
    public void forceDurable() {
        store.forceDurable();
    }

    @Override
    public Path checkpoint(Path directory) {
        Path copy = home.resolve("copies").resolve(directory);
        try {
            Files.createDirectories(copy.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return store.checkpoint(copy);
    }

    @Override
    public void verify(Path copy) {
        new StoredCopy(copy, BrokerMachine.LEVELS).verify();
    }

    /** The copy stays: what the network carries may come twice. */
    @Override
    public void install(Path copy) {
        whileReplaced.run();
        Path mine = config.directory().resolveSibling(config.directory().getFileName() + ".fetched");
        try {
            remove(mine);
            Files.createDirectory(mine);
            for (Path file : files(copy)) {
                Files.createLink(mine.resolve(file.getFileName()), file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RocksStore.install(config, mine);
    }

    @Override
    public void crash() {
        Path found = config.directory().resolveSibling(config.directory().getFileName() + ".crashed");
        try {
            while (!isCopied(found)) {
                remove(found);
            }
            store.close(); // writes what a crash would not
            remove(config.directory());
            Files.move(found, config.directory());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies what is on the disk, unless RocksDB goes over to other files meanwhile. */
    private boolean isCopied(Path to) throws IOException {
        Files.createDirectory(to);
        long before = manifest();
        try {
            for (Path file : files(config.directory())) {
                String name = file.getFileName().toString();
                if (name.endsWith(".sst")) {
                    Files.createLink(to.resolve(name), file);
                } else if (name.equals(CURRENT) || name.startsWith(MANIFEST)) {
                    Files.copy(file, to.resolve(name));
                }
            }
        } catch (NoSuchFileException e) {
            return false;
        }
        return manifest() == before;
    }

    /** Ascends with each change of the set of files. */
    private long manifest() throws IOException {
        long length = 0;
        for (Path file : files(config.directory())) {
            length += file.getFileName().toString().startsWith(MANIFEST) ? Files.size(file) : 0;
        }
        return length;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** With all that is in it, if it is there. */
    static void remove(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path left, IOException failure) throws IOException {
                Files.delete(left);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

package io.tallymq.node.proof;

import io.tallymq.node.proof.load.NodeAddress;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The data of each node on a file system of its own, in memory, whose size can be changed while it is used. Needs root, and a mount
 * namespace of this process and those that it starts: what is mounted goes with it. One thread.
 */
final class ProofDisks {
    private static final long ROOMY = 1L << 30;
    private static final int TRIES = 20;

    private final Map<Integer, Path> directories = new TreeMap<>();

    /** @param directory of the run, where the nodes' data will be as in {@link ProofCluster} */
    ProofDisks(Path directory, List<NodeAddress> nodes) throws IOException, InterruptedException {
        for (NodeAddress node : nodes) {
            Path data = Files.createDirectories(ProofCluster.data(directory, node.number()));
            directories.put(node.number(), data);
            mount("-t", "tmpfs", "-o", "size=" + ROOMY, "tmpfs", data.toString());
        }
    }

    /** Bytes free on the disk of a node. */
    long free(int node) throws IOException {
        return store(node).getUsableSpace();
    }

    private FileStore store(int node) throws IOException {
        return Files.getFileStore(directories.get(node));
    }

    /** From now on the node has about so many bytes free. */
    void leave(int node, long bytes) throws IOException, InterruptedException {
        for (int i = 1; ; i++) {
            FileStore store = store(node);
            long size = store.getTotalSpace() - store.getUsableSpace() + bytes;
            try {
                resize(node, size);
                return;
            } catch (ProofException e) {
                if (i == TRIES) { // the node has written meanwhile, so that it does not fit any more
                    throw e;
                }
            }
        }
    }

    /** Somebody has made room. */
    void makeRoom(int node) throws IOException, InterruptedException {
        resize(node, ROOMY);
    }

    private void resize(int node, long bytes) throws IOException, InterruptedException {
        mount("-o", "remount,size=" + bytes, directories.get(node).toString());
    }

    private static void mount(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(arguments));
        Commands.run(command);
    }
}

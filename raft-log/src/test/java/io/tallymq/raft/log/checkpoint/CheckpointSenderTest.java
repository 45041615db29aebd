package io.tallymq.raft.log.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.tallymq.raft.log.MemoryState;
import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.config.SnapshotTuning;
import io.tallymq.timer.SparseLog;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class CheckpointSenderTest {
    private static final int SMALL_BUFFER = 8 << 10;

    @TempDir
    Path dir;

    /** A host that vanished takes nothing and says nothing; the copy's files and the log must not wait for it. */
    @Test
    void aReceiverThatTakesNothingIsGivenUp() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (ServerSocket silent = new ServerSocket()) {
            silent.setReceiveBufferSize(SMALL_BUFFER);
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Channel channel = new Bootstrap()
                    .group(loops)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.SO_SNDBUF, SMALL_BUFFER)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(silent.getLocalSocketAddress())
                    .sync()
                    .channel();
            CheckpointHolds holds =
                    new CheckpointHolds(SnapshotTuning.CheckpointHold.DEFAULTS, new Facts(), System::nanoTime);
            MemoryState state = new MemoryState();
            SparseLog unsent = new SparseLog(LoggerFactory.getLogger(getClass()));
            new CheckpointSender(state, dir, holds, Duration.ofMillis(100), unsent).send("b", channel);
            assertTrue(channel.closeFuture().await(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            assertEquals(1, unsent.total());
            try (var left = Files.list(dir)) {
                assertEquals(List.of(), left.toList());
            }
            assertEquals(70, holds.floor(70), "the log is kept for nobody");
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static final class Facts implements CheckpointHolds.Facts {
        @Override
        public long matchIndex(String node) {
            return -1;
        }

        @Override
        public boolean leads() {
            return true;
        }

        @Override
        public long lastIndex() {
            return 100;
        }

        @Override
        public long logBytes() {
            return 0;
        }

        @Override
        public long freeBytes() {
            return Long.MAX_VALUE;
        }
    }
}

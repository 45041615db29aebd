package io.tallymq.raft.log.ratis;

import io.tallymq.net.NodesTls;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.ApplicationProtocolConfig;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.ClientAuth;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.JdkSslContext;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContext;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SupportedCipherSuiteFilter;

/**
 * What gRPC asks for how to begin each connection of Raft that this node makes. Ratis takes one for the life of a node, so this one asks
 * {@link NodesTls} anew each time.
 */
final class RaftDialTls extends SslContext {
    private static final ApplicationProtocolConfig HTTP2 = new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            "h2");

    private final NodesTls tls;
    /** For what is the same of all. */
    private final SslContext any;

    RaftDialTls(NodesTls tls) {
        this.tls = tls;
        this.any = netty(tls.context("", 0));
    }

    private static SslContext netty(SSLContext context) {
        return new JdkSslContext(
                context,
                true,
                null,
                SupportedCipherSuiteFilter.INSTANCE,
                HTTP2,
                ClientAuth.NONE,
                NodesTls.protocols(),
                false);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator memory, String host, int port) {
        return netty(tls.context(host, port)).newEngine(memory, host, port);
    }

    /** Without a host nothing could be compared. */
    @Override
    public SSLEngine newEngine(ByteBufAllocator memory) {
        throw new UnsupportedOperationException("a node is dialled by its host");
    }

    @Override
    public boolean isClient() {
        return true;
    }

    @Override
    public List<String> cipherSuites() {
        return any.cipherSuites();
    }

    @Override
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return any.applicationProtocolNegotiator();
    }

    @Override
    public SSLSessionContext sessionContext() {
        return any.sessionContext();
    }
}

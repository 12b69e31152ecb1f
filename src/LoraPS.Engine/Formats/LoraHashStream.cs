using System.Security.Cryptography;

namespace LoraPS.Engine.Formats;

/// <summary>Takes the bytes a LoRA file would have and keeps only their hashes.</summary>
/// <param name="headerLength">How many of the first bytes are header and do not count for the model hash.</param>
internal sealed class LoraHashStream(int headerLength) : Stream
{
    private readonly IncrementalHash _model = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _legacy = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _position;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>The hashes of everything written.</summary>
    public LoraHashes Finish() => new(
        Convert.ToHexStringLower(_model.GetHashAndReset()),
        Convert.ToHexStringLower(_legacy.GetHashAndReset())[..ModelHashes.LegacyDigits]);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _model.AppendData(Between(buffer, headerLength, long.MaxValue));
        _legacy.AppendData(Between(buffer, ModelHashes.LegacyStart, ModelHashes.LegacyStart + ModelHashes.LegacyLength));
        _position += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _model.Dispose();
            _legacy.Dispose();
        }

        base.Dispose(disposing);
    }

    private ReadOnlySpan<byte> Between(ReadOnlySpan<byte> buffer, long start, long end)
    {
        var first = (int)Math.Clamp(start - _position, 0, buffer.Length);
        var last = (int)Math.Clamp(end - _position, first, buffer.Length);
        return buffer[first..last];
    }
}

using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using LoraPS.Engine.Runtime;
using Microsoft.Win32.SafeHandles;

namespace LoraPS.Engine.Formats;

/// <summary>Writes a large file from its first byte on, block by block, on a thread of its own.</summary>
/// <remarks>
/// Where the system allows it the blocks go from here to the disk directly: bringing them into the system's memory of files first takes
/// two to five times the processor time, and costs other programs theirs of that memory. A file system that
/// cannot do so says it with the first block, and gets that and all others in the common way.
/// </remarks>
internal sealed unsafe class BackgroundWriter : IDisposable
{
    /// <summary>Bytes that are written at a time. For a file of fewer a thread is not worth its start.</summary>
    public const int BlockLength = 4 << 20;

    private const int BlockCount = 3;

    private readonly SafeFileHandle _file;
    private readonly AlignedMemory<byte> _memory = new(BlockCount * BlockLength, DirectWriting.Alignment);
    private readonly BlockingCollection<Block> _free = [];
    private readonly BlockingCollection<Block> _full = [];
    private readonly Thread _thread;
    private Block _current;
    private Exception? _failure;
    private bool _isDirect;

    /// <summary>Starts the thread.</summary>
    /// <param name="file">The open file, empty. It stays the caller's, who leaves it alone until <see cref="Finish"/>.</param>
    public BackgroundWriter(SafeFileHandle file)
    {
        _file = file;
        _isDirect = DirectWriting.Begin(file);
        for (var i = 1; i < BlockCount; i++)
            _free.Add(new(i, 0, 0));
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "LoraPS file writer" };
        _thread.Start();
    }

    /// <summary>Bytes taken so far.</summary>
    public long Length => _current.Offset + _current.Length;

    /// <summary>Where the next bytes may be put, to be followed by <see cref="Advance"/>.</summary>
    /// <param name="most">How many are there to be put.</param>
    /// <returns>Room for one to that many.</returns>
    /// <exception cref="IOException">The system refused to write earlier ones.</exception>
    public Span<byte> Room(long most)
    {
        if (_current.Length == BlockLength)
            HandOn();
        return new(_memory.Start + ((long)_current.Index * BlockLength) + _current.Length, (int)Math.Min(most, BlockLength - _current.Length));
    }

    /// <summary>Takes bytes that were put into <see cref="Room"/>.</summary>
    public void Advance(int count) => _current = _current with { Length = _current.Length + count };

    /// <summary>Takes a copy of the next bytes.</summary>
    /// <exception cref="IOException">The system refused to write earlier ones.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var room = Room(bytes.Length);
            bytes[..room.Length].CopyTo(room);
            Advance(room.Length);
            bytes = bytes[room.Length..];
        }
    }

    /// <summary>Waits until everything is written, though not flushed. The file is the caller's again.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public void Finish()
    {
        _full.Add(_current);
        Stop();
        Check();
    }

    /// <summary>Lets the thread finish what it is writing and end.</summary>
    public void Dispose()
    {
        _failure ??= new OperationCanceledException();
        Stop();
        _memory.Dispose();
        _free.Dispose();
        _full.Dispose();
    }

    private void HandOn()
    {
        _full.Add(_current);
        _current = _free.Take() with { Offset = Length, Length = 0 };
        Check();
    }

    private void Check()
    {
        if (Volatile.Read(ref _failure) is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    private void Stop()
    {
        _full.CompleteAdding();
        _thread.Join();
        if (_isDirect)
            DirectWriting.End(_file);
        _isDirect = false;
    }

    private void WriteAll()
    {
        foreach (var block in _full.GetConsumingEnumerable())
        {
            try
            {
                // After a failure the blocks only go round, so that whoever fills them is not kept waiting.
                if (Volatile.Read(ref _failure) is null)
                    Write(block);
            }
            catch (Exception e)
            {
                Volatile.Write(ref _failure, e);
            }

            _free.Add(block);
        }
    }

    private void Write(Block block)
    {
        var bytes = new ReadOnlySpan<byte>(_memory.Start + ((long)block.Index * BlockLength), block.Length);
        if (_isDirect && bytes.Length % DirectWriting.Alignment == 0 && TryWrite(bytes, block.Offset))
            return;
        if (_isDirect)
            DirectWriting.End(_file);
        _isDirect = false;
        RandomAccess.Write(_file, bytes, block.Offset);
        DiskWriteback.Start(_file, block.Offset, block.Length);
    }

    // What fails may still go the common way; if not, that tells why.
    private bool TryWrite(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(_file, bytes, offset);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A part of the memory, and where in the file its bytes belong.</summary>
    private readonly record struct Block(int Index, long Offset, int Length);
}

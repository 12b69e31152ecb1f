using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Tests.Formats;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_shows_under_the_name_before_the_commit()
    {
        var path = _folder.File("new/a.bin");
        using (var file = new AtomicFile(path))
        {
            file.Write(stream => stream.Write([1, 2, 3]));
            Assert.False(File.Exists(path));
            file.Commit();
        }

        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.File("new")));
    }

    [Fact]
    public void Without_a_commit_the_old_file_stays_and_the_temporary_one_goes()
    {
        File.WriteAllText(_folder.File("a.bin"), "old");
        using (var file = new AtomicFile(_folder.File("a.bin")))
            file.Write(stream => stream.Write([1, 2, 3]));
        Assert.Equal("old", File.ReadAllText(_folder.File("a.bin")));
        Assert.Equal(["a.bin"], _folder.Entries);
    }

    /// <summary>Lengths around those of the blocks that large files are written in, and of the pages that may go to the disk directly.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData((4 << 20) - 1)]
    [InlineData(4 << 20)]
    [InlineData((4 << 20) + 1)]
    [InlineData((20 << 20) + 4097)]
    public void A_large_file_holds_what_was_written_and_its_first_bytes_can_be_written_anew(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var path = _folder.File("large.bin");
        using (var file = new AtomicFile(path, expectedLength: 32 << 20))
        {
            foreach (var piece in bytes.Chunk(700_001))
                file.Write(piece);
            bytes.AsSpan(0, Math.Min(length, 5000)).Reverse();
            file.Write(stream =>
            {
                Assert.Equal(length, stream.Position);
                stream.Position = 0;
                stream.Write(bytes, 0, Math.Min(length, 5000));
            });
            file.Commit();
        }

        Assert.True(bytes.AsSpan().SequenceEqual(File.ReadAllBytes(path)));
        Assert.Equal(["large.bin"], _folder.Entries);
    }

    [Fact]
    public void A_large_file_that_is_given_up_leaves_the_old_one()
    {
        File.WriteAllText(_folder.File("large.bin"), "old");
        using (var file = new AtomicFile(_folder.File("large.bin"), expectedLength: 32 << 20))
            file.Write(new byte[9 << 20]);
        Assert.Equal("old", File.ReadAllText(_folder.File("large.bin")));
        Assert.Equal(["large.bin"], _folder.Entries);
    }

    [Fact]
    public void A_large_file_may_be_given_up_twice()
    {
        var file = new AtomicFile(_folder.File("large.bin"), expectedLength: 32 << 20);
        file.Write(new byte[9 << 20]);
        file.Dispose();
        file.Dispose();
        Assert.Empty(_folder.Entries);
    }

    [Fact]
    public void A_file_whose_length_was_expected_is_as_long_as_what_was_written()
    {
        foreach (var expected in new[] { 1, 3, 1 << 20 })
        {
            using var file = new AtomicFile(_folder.File("a.bin"), expected);
            file.Write([1, 2, 3]);
            file.Commit();
            Assert.Equal([1, 2, 3], File.ReadAllBytes(_folder.File("a.bin")));
        }
    }

    [Fact]
    public void A_file_that_the_disk_has_no_room_for_is_refused_before_anything_is_written()
    {
        Assert.Equal("LoraWriteFailed", Assert.Throws<WriteFailedException>(() => new AtomicFile(_folder.File("a.bin"), 1L << 50)).ErrorId);
        Assert.Empty(_folder.Entries);
    }

    [Fact]
    public void The_systems_refusal_is_an_engine_error()
    {
        Directory.CreateDirectory(_folder.File("folder"));
        Assert.Equal("LoraWriteFailed", Assert.Throws<WriteFailedException>(() => new AtomicFile(_folder.File("folder"))).ErrorId);
        File.WriteAllText(_folder.File("file"), "");
        Assert.Throws<WriteFailedException>(() => new AtomicFile(_folder.File("file/below")));
        using var file = new AtomicFile(_folder.File("a.bin"));
        Assert.Throws<WriteFailedException>(() => file.Write(_ => throw new IOException("The disk is full.")));
        file.Dispose();
        Assert.DoesNotContain(_folder.Entries, name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }
}

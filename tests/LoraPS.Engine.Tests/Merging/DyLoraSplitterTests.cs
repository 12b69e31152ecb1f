using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public sealed class DyLoraSplitterTests : IDisposable
{
    private static readonly string Source = TestFiles.Fixture("dylora/split_input.safetensors");

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string Output => _folder.File("out.safetensors");

    [Fact]
    public void Every_multiple_of_the_unit_below_the_rank_becomes_a_file()
    {
        var files = DyLoraSplitter.Split(Source, Output, new() { Unit = 2 });
        Assert.Equal(["out-0002", "out-0004", "out-0006"], files.Select(f => f.Name));
        Assert.Equal(["out-0002.safetensors", "out-0004.safetensors", "out-0006.safetensors"], _folder.Entries.Order());
        Assert.Equal([2L, 4, 6], files.Select(f => f.Rank));
    }

    [Fact]
    public void A_file_holds_the_first_directions_and_the_alpha_of_the_whole()
    {
        DyLoraSplitter.Split(Source, Output, new() { Ranks = [3] });
        using var whole = SafetensorsFile.Open(Source);
        using var part = SafetensorsFile.Open(_folder.File("out-0003.safetensors"));
        Assert.Equal(whole.Tensors.Select(t => t.Name), part.Tensors.Select(t => t.Name));
        foreach (var tensor in part.Tensors)
        {
            var expected = whole.Read(tensor.Name);
            expected = tensor.Name.Contains("lora_up", StringComparison.Ordinal) ? expected.narrow(1, 0, 3)
                : tensor.Name.Contains("lora_down", StringComparison.Ordinal) ? expected.narrow(0, 0, 3) : expected;
            Assert.Equal(expected.shape, tensor.Shape);
            Assert.True(part.Read(tensor.Name).equal(expected).all().item<bool>());
        }
    }

    [Fact]
    public void Metadata_names_the_rank_and_carries_the_files_own_hashes()
    {
        DyLoraSplitter.Split(Source, Output, new() { Unit = 2 });
        using var file = SafetensorsFile.Open(_folder.File("out-0004.safetensors"));
        Assert.Equal(("4", "4.0"), (file.Metadata["ss_network_dim"], file.Metadata["ss_network_alpha"]));
        Assert.Equal("split from DyLoRA, rank 8 to 4; hello", file.Metadata["ss_training_comment"]);
        var hashes = ModelHashes.OfLora(file.Tensors.ToDictionary(t => t.Name, t => file.Read(t.Name)), file.Metadata);
        Assert.Equal((hashes.Model, hashes.Legacy), (file.Metadata["sshs_model_hash"], file.Metadata["sshs_legacy_hash"]));
    }

    [Fact]
    public void The_whole_rank_is_written_when_asked_for()
    {
        var file = DyLoraSplitter.Split(Source, Output, new() { Ranks = [8] }).Single();
        Assert.Equal(0, LoraDeltas.Distance(LoraDeltas.Of(file.Path), LoraDeltas.Of(Source)));
    }

    [Fact]
    public void Ranks_the_file_does_not_hold_are_refused()
    {
        Assert.Equal("RankOutOfRange", Assert.Throws<LoraMergeException>(() => DyLoraSplitter.Split(Source, Output, new() { Ranks = [2, 9] })).ErrorId);
        Assert.Equal("RankOutOfRange", Assert.Throws<LoraMergeException>(() => DyLoraSplitter.Split(Source, Output, new() { Unit = 8 })).ErrorId);
        Assert.Throws<ArgumentOutOfRangeException>(() => DyLoraSplitter.Split(Source, Output, new() { Unit = 0 }));
        Assert.Empty(_folder.Entries);
    }

    [Fact]
    public void A_file_of_mixed_ranks_is_no_dylora() =>
        Assert.Equal("NotDyLora", Assert.Throws<LoraMergeException>(() => DyLoraSplitter.Split(TestFiles.Fixture("merge/C.safetensors"), Output)).ErrorId);

    [Fact]
    public void Nothing_is_written_when_one_destination_exists()
    {
        File.WriteAllText(_folder.File("out-0004.safetensors"), "old");
        Assert.Throws<DestinationExistsException>(() => DyLoraSplitter.Split(Source, Output, new() { Unit = 2 }));
        Assert.Equal(["out-0004.safetensors"], _folder.Entries);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }
}

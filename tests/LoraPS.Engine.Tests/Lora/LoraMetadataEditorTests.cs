using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Lora;

namespace LoraPS.Engine.Tests.Lora;

public sealed class LoraMetadataEditorTests : IDisposable
{
    private static readonly string Source = TestFiles.Fixture("formats/hash_small.safetensors");

    private readonly TemporaryFolder _folder = new();

    private string Output => _folder.File("edited.safetensors");

    [Fact]
    public void Keys_are_set_and_removed_and_the_rest_keeps_its_value_and_place()
    {
        var before = LoraFile.Read(Source).Metadata;
        var first = before.First(entry => entry.Key.StartsWith("ss_", StringComparison.Ordinal));
        var result = LoraMetadataEditor.Edit(Source, Output, new() { Set = new Dictionary<string, string> { ["mine"] = "猫 \"\\\n", [first.Key] = "other" }, Remove = ["modelspec.*", "none"] });
        var after = LoraFile.Read(Output).Metadata;
        Assert.Equal(("猫 \"\\\n", "other"), (after["mine"], after[first.Key]));
        Assert.Equal(before.Keys.Where(key => !key.StartsWith("modelspec.", StringComparison.Ordinal)).Append("mine"), after.Keys);
        Assert.Equal(["mine"], result.Added);
        Assert.Contains(first.Key, result.Changed);
        Assert.Equal(before.Keys.Where(key => key.StartsWith("modelspec.", StringComparison.Ordinal)), result.Removed);
        Assert.Equal(after, result.Metadata);
    }

    [Fact]
    public void Tensors_are_the_same_bytes_in_the_same_order()
    {
        LoraMetadataEditor.Edit(Source, Output, new() { Set = new Dictionary<string, string> { ["ss_training_comment"] = new string('x', 1000) } });
        using SafetensorsFile a = SafetensorsFile.Open(Source), b = SafetensorsFile.Open(Output);
        Assert.Equal(a.Tensors.Select(tensor => (tensor.Name, tensor.DType)), b.Tensors.Select(tensor => (tensor.Name, tensor.DType)));
        Assert.All(a.Tensors, tensor => Assert.Equal(a.ReadBytes(tensor.Name), b.ReadBytes(tensor.Name)));
    }

    [Fact]
    public void Hashes_are_right_after_an_edit()
    {
        // Larger than 1 MiB, so that the legacy hash sees tensors and moves with the header.
        var large = _folder.File("large.safetensors");
        using (var scope = TorchSharp.torch.NewDisposeScope())
        {
            LoraFileWriter.Write(
                large,
                new Dictionary<string, TorchSharp.torch.Tensor>
                {
                    ["lora_unet_x.lora_down.weight"] = new Engine.Runtime.CounterRandom(1, Engine.Runtime.RandomPurpose.Noise).Normal(8, 50000), ["lora_unet_x.lora_up.weight"] = TorchSharp.torch.ones(4, 8),
                },
                new Dictionary<string, string> { ["ss_training_comment"] = "short" }, spec: null);
        }

        var before = LoraFile.Read(large).Metadata;
        var after = LoraMetadataEditor.Edit(large, Output, new() { Set = new Dictionary<string, string> { ["ss_training_comment"] = new string('x', 5000) } }).Metadata;
        Assert.Equal(before["sshs_model_hash"], after["sshs_model_hash"]);
        Assert.NotEqual(before["sshs_legacy_hash"], after["sshs_legacy_hash"]);
        Assert.Empty(LoraCheck.Check(Output).Problems);
    }

    [Fact]
    public void An_edit_that_changes_nothing_gives_the_same_file()
    {
        LoraMetadataEditor.Edit(Source, Output, new());
        Assert.Equal(File.ReadAllBytes(Source), File.ReadAllBytes(Output));
    }

    [Fact]
    public void Removing_everything_leaves_a_file_without_metadata()
    {
        LoraMetadataEditor.Edit(Source, Output, new() { Remove = ["*"] });
        Assert.Empty(LoraFile.Read(Output).Metadata);
    }

    [Fact]
    public void Hashes_cannot_be_set_by_hand_and_a_file_is_replaced_only_when_asked()
    {
        Assert.Throws<ArgumentException>(() => LoraMetadataEditor.Edit(Source, Output, new() { Set = new Dictionary<string, string> { ["sshs_model_hash"] = "0" } }));
        Assert.Empty(_folder.Entries);
        File.Copy(Source, Output);
        Assert.Throws<DestinationExistsException>(() => LoraMetadataEditor.Edit(Output, Output, new()));
        LoraMetadataEditor.Edit(Output, Output, new() { Set = new Dictionary<string, string> { ["mine"] = "1" }, Overwrite = true });
        Assert.Equal("1", LoraFile.Read(Output).Metadata["mine"]);
        Assert.Equal(["edited.safetensors"], _folder.Entries);
    }

    public void Dispose() => _folder.Dispose();
}

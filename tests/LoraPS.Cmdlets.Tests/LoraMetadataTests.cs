using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class LoraMetadataTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public LoraMetadataTests() => _folder.Copy(TestFiles.Lora("A"), "a.safetensors");

    private SessionResult Run(string script) => _session.Run(script, _folder);

    private Dictionary<string, string> Metadata(string name = "a.safetensors") => LoraNumbers.Metadata(_folder.File(name));

    [Fact]
    public void Metadata_is_an_object_with_the_file_s_keys()
    {
        var metadata = Run("Get-Lora a.safetensors | Get-LoraMetadata").Single();

        Assert.Equal(Metadata().OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => (m.Key, m.Value)), metadata.Properties.Select(p => (p.Name, (string)p.Value)));
    }

    [Fact]
    public void Keys_are_chosen_with_wildcards_and_any_safetensors_file_can_be_read()
    {
        Assert.Equal(["A"], Run("(Get-LoraMetadata a.safetensors -Key *COMMENT).ss_training_comment").Lines);
        Assert.Equal("networks.lora", Metadata()["ss_network_module"]);
        Run($"Get-LoraMetadata {TestFiles.Checkpoint}").Single();
    }

    [Fact]
    public void Values_are_set_and_removed_in_place_and_the_tensors_stay()
    {
        var tensors = LoraNumbers.Deltas(_folder.File("a.safetensors"));

        var result = Run("Set-LoraMetadata a.safetensors @{ ss_training_comment = 'new'; 'modelspec.trigger_phrase' = 'a zorb'; ss_number = 1.5 } -Remove ss_net*");

        result.AssertNoErrors();
        Assert.Empty(result.Output);
        var metadata = Metadata();
        Assert.Equal(("new", "a zorb", "1.5"), (metadata["ss_training_comment"], metadata["modelspec.trigger_phrase"], metadata["ss_number"]));
        Assert.DoesNotContain("ss_network_module", metadata.Keys);
        Assert.Equal("sd_v1", metadata["ss_base_model_version"]);
        Assert.Equal(0, LoraNumbers.Distance(LoraNumbers.Deltas(_folder.File("a.safetensors")), tensors));
        Assert.Equal(["a zorb"], Run("(Get-Lora a.safetensors).TriggerWords").Lines);
    }

    [Fact]
    public void PassThru_tells_what_changed()
    {
        var result = Run("Get-Lora a.safetensors | Set-LoraMetadata -Metadata @{ ss_training_comment = 'x'; ss_new = 1 } -Remove ss_v2 -PassThru").Single();

        Assert.Equal("LoraPS.Engine.Lora.LoraMetadataEditResult", result.BaseObject.GetType().FullName);
        string[] names = ["Added", "Changed", "Removed"];
        Assert.Equal(["ss_new", "ss_training_comment", "ss_v2"], names.Select(n => string.Join(' ', (IEnumerable<string>)SessionResult.Value(result, n)!)));
    }

    [Fact]
    public void Another_destination_leaves_the_file_and_needs_Force_when_taken()
    {
        var before = File.ReadAllBytes(_folder.File("a.safetensors"));
        Run("Set-LoraMetadata a.safetensors @{ ss_new = 'x' } -DestinationPath b.safetensors").AssertNoErrors();
        Run("Set-LoraMetadata a.safetensors @{ ss_new = 'y' } -DestinationPath b.safetensors")
            .AssertError("DestinationExists", ErrorCategory.ResourceExists, _folder.File("b.safetensors"));
        Assert.Equal("x", Metadata("b.safetensors")["ss_new"]);
        Run("Set-LoraMetadata a.safetensors @{ ss_new = 'y' } -DestinationPath b.safetensors -Force").AssertNoErrors();
        Assert.Equal("y", Metadata("b.safetensors")["ss_new"]);
        Assert.Equal(before, File.ReadAllBytes(_folder.File("a.safetensors")));
    }

    [Fact]
    public void WhatIf_changes_nothing()
    {
        var before = File.ReadAllBytes(_folder.File("a.safetensors"));
        Run("Set-LoraMetadata a.safetensors @{ ss_new = 'x' } -WhatIf").AssertNoErrors();
        Assert.Equal(before, File.ReadAllBytes(_folder.File("a.safetensors")));
    }

    [Fact]
    public void Hashes_cannot_be_set_by_hand()
    {
        Assert.Equal("InvalidArgument", Run("Set-LoraMetadata a.safetensors @{ sshs_model_hash = 'x' }").Terminating!.FullyQualifiedErrorId.Split(',')[0]);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}

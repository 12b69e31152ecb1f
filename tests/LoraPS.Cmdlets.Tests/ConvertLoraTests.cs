using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class ConvertLoraTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public ConvertLoraTests() => _folder.Copy(TestFiles.LierLa, "a.safetensors");

    private SessionResult Run(string script) => _session.Run(script, _folder);

    [Theory]
    [InlineData("Peft", ".lora_A.weight")]
    [InlineData("Diffusers", ".weight")]
    public void There_and_back_gives_the_same_differences(string form, string suffix)
    {
        var result = Run($"Convert-Lora a.safetensors there.safetensors -To {form} | Convert-Lora -To Kohya -DestinationPath back.safetensors").Single();

        Assert.Equal("LoraPS.Engine.Merging.Conversion.LoraConvertResult", result.BaseObject.GetType().FullName);
        Assert.Contains(LoraNumbers.Types(_folder.File("there.safetensors")).Keys, key => key.EndsWith(suffix, StringComparison.Ordinal));
        var (expected, actual) = (LoraNumbers.Deltas(TestFiles.LierLa), LoraNumbers.Deltas(_folder.File("back.safetensors")));
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, m => Assert.All(m.Value.Zip(actual[m.Key]), pair => Assert.Equal(pair.First, pair.Second, 1e-6)));
    }

    [Fact]
    public void WhatIf_writes_nothing_and_an_existing_file_needs_Force()
    {
        Assert.Empty(Run("Convert-Lora a.safetensors out.safetensors -To Peft -WhatIf").Output);
        Run("Convert-Lora a.safetensors a.safetensors -To Peft").AssertError("DestinationExists", ErrorCategory.ResourceExists, _folder.File("a.safetensors"));
        Assert.Equal(File.ReadAllBytes(TestFiles.LierLa), File.ReadAllBytes(_folder.File("a.safetensors")));
        Run("Convert-Lora a.safetensors a.safetensors -To Peft -Force").Single();
        Assert.Equal(["a.safetensors"], _folder.Entries);
    }

    [Fact]
    public void A_file_that_is_no_lora_is_an_error()
    {
        _folder.Copy(TestFiles.Checkpoint, "model.safetensors");

        Assert.Equal(ErrorCategory.InvalidData, Assert.Single(Run("Convert-Lora model.safetensors out.safetensors -To Peft").Errors).CategoryInfo.Category);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}

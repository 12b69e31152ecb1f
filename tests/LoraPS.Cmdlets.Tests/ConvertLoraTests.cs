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
    public void A_folder_of_the_PEFT_library_is_written_replaced_when_forced_and_read()
    {
        Run("Convert-Lora a.safetensors peft -To PeftFolder").Single();
        Assert.True(File.Exists(_folder.File("peft/unet/adapter_config.json")));
        Run("Convert-Lora a.safetensors peft -To PeftFolder").AssertError("DestinationExists", ErrorCategory.ResourceExists, _folder.File("peft"));
        Run("Convert-Lora a.safetensors peft -To PeftFolder -Force | Convert-Lora -To Kohya -DestinationPath back.safetensors").Single();
        Assert.Equal(LoraNumbers.Deltas(TestFiles.LierLa).Keys.Order(), LoraNumbers.Deltas(_folder.File("back.safetensors")).Keys.Order());
        Assert.Equal(["a.safetensors", "back.safetensors", "peft"], _folder.Entries.Select(Path.GetFileName).Order());
    }

    [Fact]
    public void In_a_folder_of_other_things_results_get_the_name_of_the_source()
    {
        Directory.CreateDirectory(_folder.File("other"));
        File.WriteAllText(_folder.File("other/mine.txt"), "mine");
        Run("Convert-Lora a.safetensors other -To PeftFolder").Single();
        Run("Convert-Lora other/a other -To Kohya").Single();
        Assert.Equal(["a", "a.safetensors", "mine.txt"], Directory.EnumerateFileSystemEntries(_folder.File("other")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_folder_of_another_kind_of_adapter_is_an_error_by_name()
    {
        Run("Convert-Lora a.safetensors peft -To PeftFolder; Set-Content peft/unet/adapter_config.json '{\"peft_type\":\"LOHA\"}'");
        Run("Convert-Lora peft out.safetensors -To Kohya").AssertError("PeftConfigUnsupported", ErrorCategory.NotImplemented, _folder.File("peft/unet/adapter_config.json"));
        Run("Set-Content peft/unet/adapter_config.json '{'; Convert-Lora peft out.safetensors -To Kohya").AssertError("PeftConfigInvalid", ErrorCategory.InvalidData, _folder.File("peft/unet/adapter_config.json"));
        Assert.False(File.Exists(_folder.File("out.safetensors")));
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

using System.Management.Automation;
using System.Text.Json;

namespace LoraPS.Cmdlets.Tests;

public sealed class ResizeLoraTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public ResizeLoraTests()
    {
        _folder.Copy(TestFiles.Lora("A"), "a.safetensors");
        _folder.Copy(TestFiles.Lora("C"), "c.safetensors");
    }

    private SessionResult Run(string script) => _session.Run(script, _folder);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    public void Products_ranks_and_metadata_equal_those_of_sd_scripts(int number)
    {
        var item = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/resize.json"))).RootElement[number];
        string Option(string name) => item.GetProperty(name).ValueKind == JsonValueKind.Null ? "" : $"-{name} {item.GetProperty(name)}";
        string[] names = ["new_rank", "new_conv_rank", "dynamic_method", "dynamic_param", "save_precision"];

        Run($"Resize-Lora -model {TestFiles.Lora(item.GetProperty("model").GetString()!)} -save_to out.safetensors {string.Join(' ', names.Select(Option))}").Single();

        var expected = LoraNumbers.Deltas(TestFiles.Fixture($"merge/resize_{number}.safetensors"));
        var tolerance = Option("save_precision").Length > 0 ? 2e-3 : 1e-5;
        Assert.InRange(LoraNumbers.Distance(LoraNumbers.Deltas(_folder.File("out.safetensors")), expected), 0, tolerance);
        Assert.Equal(item.GetProperty("metadata").GetProperty("ss_training_comment").GetString(), LoraNumbers.Metadata(_folder.File("out.safetensors"))["ss_training_comment"]);
    }

    [Fact]
    public void Many_files_go_to_a_folder_under_their_names()
    {
        Directory.CreateDirectory(_folder.File("small"));

        var result = Run("Get-Lora *.safetensors | Where-Object Rank -gt 4 | Resize-Lora -Rank 2 -DestinationPath small | Get-Lora | ForEach-Object { \"$($_.Name) $($_.Rank)\" }");

        Assert.Equal(["c 2"], result.Lines);
    }

    [Fact]
    public void A_script_block_names_each_destination()
    {
        Run("Get-Lora *.safetensors | Resize-Lora -Rank 2 -DestinationPath { \"$($_.Name)-2.safetensors\" }").AssertNoErrors();

        Assert.Equal(["a-2.safetensors", "c-2.safetensors"], _folder.Entries.Where(name => name.Contains("-2", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void Even_with_Force_one_result_does_not_replace_another()
    {
        var result = Run("Get-Lora *.safetensors | Resize-Lora -Rank 2 -DestinationPath out.safetensors -Force");

        result.AssertError("DestinationExists", ErrorCategory.ResourceExists, _folder.File("out.safetensors"));
        Assert.Contains("-Force", result.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Single(result.Output);
    }

    [Fact]
    public void A_file_can_be_resized_in_place_with_Force()
    {
        Run("Resize-Lora a.safetensors a.safetensors -Rank 2").AssertError("DestinationExists", ErrorCategory.ResourceExists, _folder.File("a.safetensors"));
        Run("Resize-Lora a.safetensors a.safetensors -Rank 2 -Force").Single();
        Assert.Equal(["2"], Run("(Get-Lora a.safetensors).Rank").Lines);
    }

    [Fact]
    public void WhatIf_writes_nothing()
    {
        Assert.Empty(Run("Resize-Lora a.safetensors out.safetensors -WhatIf").Output);
        Assert.DoesNotContain("out.safetensors", _folder.Entries);
    }

    [Fact]
    public void A_criterion_needs_its_number()
    {
        var result = Run("Resize-Lora a.safetensors out.safetensors -Criterion SvFro");

        Assert.Equal("InvalidArgument", result.Terminating!.FullyQualifiedErrorId.Split(',')[0]);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}

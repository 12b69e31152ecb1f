using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class GetLoraTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public GetLoraTests()
    {
        _folder.Copy(TestFiles.LierLa, "a.safetensors");
        _folder.Copy(TestFiles.C3Lier, "b[1].safetensors");
    }

    [Fact]
    public void A_file_is_described_by_its_header()
    {
        var lora = _session.Run("Get-Lora a.safetensors", _folder).Single();

        Assert.Equal("LoraPS.Engine.Lora.LoraFile", lora.BaseObject.GetType().FullName);
        object?[] expected = ["a", 4L, null, 1.0, 192, 18, _folder.File("a.safetensors")];
        string[] names = ["Name", "Rank", "ConvRank", "Alpha", "UNetModules", "TextEncoderModules", "Path"];
        Assert.Equal(expected, names.Select(name => SessionResult.Value(lora, name)));
    }

    [Theory]
    [InlineData("Get-Lora *.safetensors")]
    [InlineData("Get-ChildItem | Get-Lora")]
    [InlineData("'a.safetensors', 'b`[1`].safetensors' | Get-Lora")]
    [InlineData("Get-Lora -LiteralPath a.safetensors, 'b[1].safetensors'")]
    [InlineData("Get-Lora *.safetensors | Get-Lora")]
    public void Files_are_named_in_every_way_that_PowerShell_has(string script)
    {
        var result = _session.Run(script, _folder);

        result.AssertNoErrors();
        Assert.Equal(["a", "b[1]"], result.Output.Select(o => SessionResult.Value(o, "Name")));
    }

    [Fact]
    public void A_pattern_that_matches_nothing_writes_nothing()
    {
        var result = _session.Run("Get-Lora *.nothing", _folder);

        result.AssertNoErrors();
        Assert.Empty(result.Output);
    }

    [Fact]
    public void A_missing_file_is_an_error_and_the_next_file_is_still_read()
    {
        var result = _session.Run("Get-Lora missing.safetensors, a.safetensors", _folder);

        result.AssertError("LoraFileNotFound", ErrorCategory.ObjectNotFound, _folder.File("missing.safetensors"));
        Assert.Single(result.Output);
    }

    [Fact]
    public void A_truncated_file_is_an_error()
    {
        using (var file = File.OpenWrite(_folder.File("a.safetensors")))
            file.SetLength(file.Length - 4);

        _session.Run("Get-Lora a.safetensors", _folder)
            .AssertError("InvalidSafetensorsIncompleteBuffer", ErrorCategory.InvalidData, _folder.File("a.safetensors"));
    }

    [Fact]
    public void A_path_outside_the_file_system_ends_the_command()
    {
        var result = _session.Run("Get-Lora env:PATH");

        Assert.Equal(ErrorCategory.InvalidArgument, result.Terminating?.CategoryInfo.Category);
    }

    [Fact]
    public void The_command_after_it_can_end_it()
    {
        var result = _session.Run("Get-Lora *.safetensors | Select-Object -First 1 -ExpandProperty Name", _folder);

        result.AssertNoErrors();
        Assert.Equal(["a"], result.Lines);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}

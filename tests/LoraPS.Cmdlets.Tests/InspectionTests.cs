using System.Globalization;
using System.Management.Automation;
using System.Text.Json;

namespace LoraPS.Cmdlets.Tests;

/// <summary>Measure-Lora, Test-Lora and Compare-Lora.</summary>
public sealed class InspectionTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public InspectionTests()
    {
        _folder.Copy(TestFiles.Lora("A"), "a.safetensors");
        _folder.Copy(TestFiles.Lora("C"), "c.safetensors");
    }

    private SessionResult Run(string script) => _session.Run(script, _folder);

    [Fact]
    public void Norms_of_modules_and_of_the_whole_are_those_of_the_differences()
    {
        var measured = Run("Get-Lora a.safetensors | Measure-Lora").Single();

        var deltas = LoraNumbers.Deltas(TestFiles.Lora("A"));
        Assert.Equal(Math.Sqrt(deltas.Values.Sum(d => d.Sum(v => v * v))), (double)SessionResult.Value(measured, "Norm")!, 1e-5);
        foreach (var module in Run("(Measure-Lora a.safetensors).Modules").Output)
            Assert.Equal(Math.Sqrt(deltas[$"{SessionResult.Value(module, "Name")}"].Sum(v => v * v)), (double)SessionResult.Value(module, "Norm")!, 1e-6);
        Assert.Equal(1, Run("(Measure-Lora a.safetensors).Blocks.Share").Output.Sum(o => (double)o.BaseObject), 1e-9);
    }

    [Fact]
    public void Means_and_minima_are_those_that_sd_scripts_prints()
    {
        var expected = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/check_lora_weights.json"))).RootElement.GetProperty("A")
            .EnumerateArray().Skip(1).Select(line => line.GetString()!.Split(',')).ToDictionary(parts => parts[0], parts => parts[2..]);
        const string script = """
            foreach ($module in (Measure-Lora a.safetensors).Modules) {
                foreach ($factor in $module.Up, $module.Down) { "$($factor.Key),$($factor.MeanMagnitude),$($factor.LeastMagnitude)" }
            }
            """;
        var measured = Run(script).Lines.Select(line => line.Split(',')).ToDictionary(parts => parts[0], parts => parts[1..]);

        Assert.Equal(expected.Keys.Order(), measured.Keys.Order());
        foreach (var (key, numbers) in measured)
            Assert.All(numbers.Zip(expected[key]), pair => Assert.Equal(double.Parse(pair.Second, CultureInfo.InvariantCulture), double.Parse(pair.First, CultureInfo.InvariantCulture), 1e-6));
    }

    [Fact]
    public void Modules_are_chosen_by_name_with_wildcards()
    {
        var names = Run("Measure-Lora a.safetensors -Module *MID_block*, *mlp_fc2 | ForEach-Object Name").Lines.ToList();

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.True(name.Contains("mid_block", StringComparison.Ordinal) || name.EndsWith("mlp_fc2", StringComparison.Ordinal), name));
    }

    [Fact]
    public void A_sound_file_is_true_and_fits_its_model()
    {
        Assert.Equal([true, true], Run($"Get-ChildItem *.safetensors | Test-Lora -Model {TestFiles.Checkpoint}").Output.Select(o => o.BaseObject));
    }

    [Theory]
    [InlineData("damaged", "Damaged")]
    [InlineData("nan", "NotFinite")]
    public void A_bad_file_is_false_and_the_details_say_why(string name, string kind)
    {
        var bytes = File.ReadAllBytes(_folder.File("a.safetensors"));
        if (name == "nan")
            BitConverter.GetBytes(float.NaN).CopyTo(bytes, bytes.Length - 8);
        else
            bytes = bytes[..^8];
        File.WriteAllBytes(_folder.File("bad.safetensors"), bytes);

        Assert.Equal(false, Run("Test-Lora bad.safetensors").Single().BaseObject);
        var detailed = Run("Test-Lora bad.safetensors -Detailed").Single();
        Assert.Equal("LoraPS.Engine.Inspection.LoraCheckResult", detailed.BaseObject.GetType().FullName);
        Assert.Contains(kind, Run("(Test-Lora bad.safetensors -Detailed).Problems.Kind").Lines);
        Assert.Contains(Run("Test-Lora bad.safetensors -Verbose").Verbose, message => message.Contains(kind, StringComparison.Ordinal));
    }

    [Fact]
    public void A_lora_of_another_model_does_not_pass()
    {
        Assert.Equal(false, Run($"Test-Lora {TestFiles.DyLora} -Model {TestFiles.Checkpoint}").Single().BaseObject);
    }

    [Fact]
    public void A_missing_file_is_an_error_and_the_next_is_still_tested()
    {
        var result = Run("Test-Lora missing.safetensors, a.safetensors");

        result.AssertError("LoraFileNotFound", ErrorCategory.ObjectNotFound, _folder.File("missing.safetensors"));
        Assert.Equal([true], result.Output.Select(o => o.BaseObject));
    }

    [Fact]
    public void A_lora_is_compared_with_others()
    {
        var results = Run("Merge-Lora a.safetensors -Ratio -0.5 -DestinationPath half.safetensors > $null; Get-Lora a.safetensors, half.safetensors, c.safetensors | Compare-Lora a.safetensors");

        results.AssertNoErrors();
        Assert.Equal([true, false, false], results.Output.Select(o => SessionResult.Value(o, "AreEqual")));
        Assert.Equal([0, 1.5], results.Output.Take(2).Select(o => Math.Round((double)SessionResult.Value(o, "RelativeDifference")!, 6)));
        Assert.Equal([1, -1], results.Output.Take(2).Select(o => Math.Round((double)SessionResult.Value(o, "Cosine")!, 6)));
        var (a, c) = (LoraNumbers.Deltas(TestFiles.Lora("A")), LoraNumbers.Deltas(TestFiles.Lora("C")));
        var distance = Math.Sqrt(a.Sum(m => m.Value.Zip(c[m.Key]).Sum(p => Math.Pow(p.First - p.Second, 2))) / a.Sum(m => m.Value.Sum(v => v * v)));
        Assert.Equal(distance, (double)SessionResult.Value(results.Output[2], "RelativeDifference")!, 1e-5);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}

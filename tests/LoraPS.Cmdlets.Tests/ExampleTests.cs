namespace LoraPS.Cmdlets.Tests;

/// <summary>The scripts of examples/, run as their users run them.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    private static string Example(string path) => TestFiles.Repository($"examples/{path}");

    private SessionResult Run(string script) => _session.Run(script, _folder);

    private string Job(string parameters) => Assert.Single(Run($"(& '{Example("merge-job/merge-job.ps1")}' {parameters}).Status").Lines);

    private void WriteRecipe(string model, string destination, string more) => File.WriteAllText(
        _folder.File("recipe.json"),
        $$"""{ {{model}} "destination": "{{destination}}", "loras": [ { "path": "a.safetensors", "ratio": 0.5 }, { "path": "c.safetensors", "blockWeight": "MID=0" } ] {{more}} }""");

    [Fact]
    public void The_quickstart_does_the_whole_job_and_can_be_run_again()
    {
        for (var run = 0; run < 2; run++)
        {
            var result = Run($"& '{Example("quickstart.ps1")}' -OutputPath out -MaxTrainSteps 1 -Count 1");

            result.AssertNoErrors();
            Assert.Empty(result.Warnings);
        }

        Assert.True(File.Exists(_folder.File("out/zorb.safetensors")));
        Assert.True(File.Exists(_folder.File("out/before-after.png")));
        Assert.True(File.Exists(_folder.File("out/toy-zorb/unet/diffusion_pytorch_model.safetensors")));
    }

    [Fact]
    public void Block_weights_are_merged_into_the_model_and_into_loras()
    {
        var result = Run($"& '{Example("block-weights.ps1")}' -OutputPath out");

        result.AssertNoErrors();
        string[] made = ["merged", "middle-0.5.safetensors", "middle-0.safetensors", "middle-1.safetensors", "seed-1.safetensors", "seed-2.safetensors"];
        Assert.Equal(made, Directory.EnumerateFileSystemEntries(_folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("\"model\": \"model.safetensors\",", "")]
    [InlineData("", "")]
    [InlineData("", ", \"rank\": 3")]
    public void A_merge_job_works_only_when_inputs_or_recipe_have_changed(string model, string more)
    {
        _folder.Copy(TestFiles.Lora("A"), "a.safetensors");
        _folder.Copy(TestFiles.Lora("C"), "c.safetensors");
        _folder.Copy(TestFiles.Checkpoint, "model.safetensors");
        WriteRecipe(model, "out.safetensors", more);

        Assert.Equal("Merged", Job("-RecipePath recipe.json"));
        var first = File.ReadAllBytes(_folder.File("out.safetensors"));
        Assert.Equal("Unchanged", Job("-RecipePath recipe.json"));
        File.Copy(TestFiles.Lora("B"), _folder.File("c.safetensors"), overwrite: true);
        Assert.Equal("Merged", Job("-RecipePath recipe.json"));
        Assert.NotEqual(first, File.ReadAllBytes(_folder.File("out.safetensors")));
        File.Copy(TestFiles.Lora("C"), _folder.File("c.safetensors"), overwrite: true);
        Assert.Equal("Merged", Job("-RecipePath recipe.json"));
        Assert.Equal(first, File.ReadAllBytes(_folder.File("out.safetensors")));
        File.WriteAllText(_folder.File("recipe.json"), File.ReadAllText(_folder.File("recipe.json")).Replace("0.5", "0.25", StringComparison.Ordinal));
        Assert.Equal("Merged", Job("-RecipePath recipe.json"));
        Assert.Equal("Unchanged", Job("-RecipePath recipe.json"));
    }

    [Fact]
    public void A_merge_job_that_cannot_be_done_is_an_error()
    {
        WriteRecipe("", "out.safetensors", "");

        Assert.NotNull(Run($"& '{Example("merge-job/merge-job.ps1")}' -RecipePath recipe.json").Terminating);
    }

    [Fact]
    public void An_old_folder_is_cleaned_up_into_another()
    {
        Directory.CreateDirectory(_folder.File("old"));
        File.Copy(TestFiles.Lora("C"), _folder.File("old/c.safetensors"));
        File.Copy(TestFiles.Lora("A"), _folder.File("old/a.safetensors"));
        File.Copy(TestFiles.Checkpoint, _folder.File("old/model.safetensors"));

        Run($"& '{Example("clean-up.ps1")}' old none -Rank 4 -WhatIf").AssertNoErrors();
        Assert.False(Directory.Exists(_folder.File("none")));
        var result = Run($"& '{Example("clean-up.ps1")}' old new -Rank 4").Output;

        Assert.Equal(["c"], result.Select(o => SessionResult.Value(o, "Name")));
        Assert.Equal(["c.safetensors"], Directory.EnumerateFiles(_folder.File("new")).Select(Path.GetFileName));
        Assert.True((long)SessionResult.Value(result[0], "Saved")! > 50_000);
    }

    [Fact]
    public void A_lora_is_trained_again_only_when_a_caption_has_changed()
    {
        Directory.CreateDirectory(_folder.File("images"));
        foreach (var file in Directory.EnumerateFiles(TestFiles.Images, "zorb-01.*"))
            File.Copy(file, Path.Combine(_folder.File("images"), Path.GetFileName(file)));
        string Retrain() => Assert.Single(Run($"(& '{Example("retrain/retrain.ps1")}' -ImagePath images -DestinationPath out.safetensors -MaxTrainSteps 1).Status").Lines);

        Assert.Equal(["Trained", "Unchanged"], [Retrain(), Retrain()]);
        File.AppendAllText(_folder.File("images/zorb-01.txt"), ", blue");
        Assert.Equal("Trained", Retrain());
    }

    [Fact]
    public void A_sweep_tables_its_trainings_by_the_loss_on_unseen_pictures()
    {
        var result = Run($"& '{Example("sweep.ps1")}' -OutputPath out -Rank 2, 4 -LearningRate 0, 1e-2 -MaxTrainSteps 2 -ThrottleLimit 2");

        // A rate of 0 cannot be trained: these two fail, the others are there.
        Assert.Contains("2 of 4 trainings failed", $"{result.Terminating}", StringComparison.Ordinal);
        Assert.Equal(4, result.Output.Count);
        var losses = result.Output.Take(2).Select(row => (double)SessionResult.Value(row, "ValidationLoss")!).ToList();
        Assert.Equal(losses.Order(), losses);
        Assert.All(result.Output.Take(2), row => Assert.True(File.Exists($"{SessionResult.Value(row, "Path")}")));
        Assert.All(result.Output.Skip(2), row => Assert.Contains("learning rate of 0", $"{SessionResult.Value(row, "Error")}", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}

using Gaia.KB;
using Gaia.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddKnowledgeBase();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapKnowledgeBase();
app.Run();

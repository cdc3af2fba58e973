// Before anything is drawn: a page that is opened with a question begins in the layout of its answer.
if (/[?&](q|key)=[^&]/.test(location.search)) document.documentElement.classList.add("asked");
